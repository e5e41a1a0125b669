import { useEffect, useEffectEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeView } from '@/components/CodeView';
import { CopyButton } from '@/components/CopyButton';
import { Details } from '@/components/Details';
import { IconButton } from '@/components/IconButton';
import { Drawer } from '@/components/Overlay';
import { formatTime } from '@/lib/time';
import { Kind } from './Kind';
import type { Channel, Message } from './types';
import styles from './MessageDrawer.module.css';

interface Props {
  channel: Channel;
  message: Message;
  onNewer: (() => void) | undefined;
  onOlder: (() => void) | undefined;
  onClose: () => void;
}

/** One push in full. The keys j and k go to the older and the newer one. */
export function MessageDrawer({ channel, message, onNewer, onOlder, onClose }: Props) {
  const { t } = useTranslation('messages');
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'j') onOlder?.();
    if (event.key === 'k') onNewer?.();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      onKey(event);
    };
    document.addEventListener('keydown', listener);
    return () => {
      document.removeEventListener('keydown', listener);
    };
  }, []);

  return (
    <Drawer
      title={<Kind channel={channel} message={message} />}
      onClose={onClose}
      extra={
        <>
          <IconButton
            icon="chevronLeft"
            label={t('drawer.newer')}
            disabled={!onNewer}
            onClick={onNewer}
          />
          <IconButton
            icon="chevronRight"
            label={t('drawer.older')}
            disabled={!onOlder}
            onClick={onOlder}
          />
        </>
      }
    >
      <div className={styles.content}>
        <Details
          rows={[
            [t('drawer.received'), <Times key="received" at={message.receiveTime} />],
            [t('drawer.created'), <Times key="created" at={message.createTime} />],
            ['AppID', message.appid && <WithCopy key="appid" text={message.appid} />],
            ['ToUserName', message.toUserName && <code key="to">{message.toUserName}</code>],
            [t('drawer.id'), String(message.id)],
          ]}
        />
        <CodeView text={message.postBody} label={t('column.body')} />
      </div>
    </Drawer>
  );
}

function Times({ at }: { at: number }) {
  const { t } = useTranslation();
  if (!at) return '—';
  return (
    <span className={styles.times}>
      <span>
        {formatTime(at)} <small>{t('time.local')}</small>
      </span>
      <span>
        {formatTime(at, 'utc')} <small>UTC</small>
      </span>
    </span>
  );
}

function WithCopy({ text }: { text: string }) {
  return (
    <span className={styles.copy}>
      <code>{text}</code>
      <CopyButton text={text} />
    </span>
  );
}
