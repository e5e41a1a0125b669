import { useTranslation } from 'react-i18next';
import type { Column } from '@/components/DataTable';
import { TimeText } from '@/components/TimeText';
import { Kind } from './Kind';
import type { Channel, Message } from './types';
import styles from './useColumns.module.css';

const previewLength = 160;

export function useColumns(channel: Channel, onOpen: (id: number) => void): Column<Message>[] {
  const { t } = useTranslation('messages');
  const time: Column<Message> = {
    key: 'time',
    title: t('column.time'),
    width: '184px',
    card: 'bare',
    cell: (message) => <TimeText at={message.receiveTime} />,
  };
  const kind: Column<Message> = {
    key: 'kind',
    title: t('column.kind'),
    width: '240px',
    card: 'title',
    cell: (message) => (
      <button
        type="button"
        className={styles.open}
        onClick={() => {
          onOpen(message.id);
        }}
      >
        <Kind channel={channel} message={message} />
      </button>
    ),
  };
  const body: Column<Message> = {
    key: 'body',
    title: t('column.body'),
    truncate: true,
    card: 'bare',
    cell: (message) => <code className={styles.body}>{preview(message.postBody)}</code>,
  };
  const appid: Column<Message> = {
    key: 'appid',
    title: 'AppID',
    width: '200px',
    cell: (message) => <code>{message.appid}</code>,
  };
  return channel === 'component' ? [time, kind, body] : [time, kind, appid, body];
}

function preview(body: string): string {
  return body.slice(0, previewLength).replace(/\s+/g, ' ');
}
