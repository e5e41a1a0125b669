import { useTranslation } from 'react-i18next';
import { StatusTag } from '@/components/StatusTag';
import type { Push } from './types';
import styles from './Kind.module.css';

type Named = Pick<Push, 'channel' | 'infoType' | 'msgType' | 'event' | 'unreadable'>;

/** What a push is, in words where it is known, with WeChat's own name beside. */
export function Kind({ push }: { push: Named }) {
  const { t, i18n } = useTranslation('messages');
  const isEvent = push.msgType === 'event' && !!push.event;
  const group = push.channel === 'component' ? 'infoType' : isEvent ? 'event' : 'msgType';
  const name = push[group];
  const key = `${group}.${name ?? ''}`;
  if (push.unreadable) return <StatusTag tone="warn">{t('kind.unreadable')}</StatusTag>;
  if (!name) return <>{t('kind.unknown')}</>;
  if (!i18n.exists(`messages:${key}`)) return <code>{name}</code>;
  return (
    <span className={styles.kind}>
      {t(key)}
      <code>{name}</code>
    </span>
  );
}
