import { useTranslation } from 'react-i18next';
import type { Channel, Message } from './types';
import styles from './Kind.module.css';

/** What a push is, in words where it is known, with WeChat's own name beside. */
export function Kind({ channel, message }: { channel: Channel; message: Message }) {
  const { t, i18n } = useTranslation('messages');
  const isEvent = message.msgType === 'event' && message.event !== '';
  const group = channel === 'component' ? 'infoType' : isEvent ? 'event' : 'msgType';
  const name = message[group];
  const key = `${group}.${name}`;
  if (!name) return <>{t('kind.unknown')}</>;
  if (!i18n.exists(`messages:${key}`)) return <code>{name}</code>;
  return (
    <span className={styles.kind}>
      {t(key)}
      <code>{name}</code>
    </span>
  );
}
