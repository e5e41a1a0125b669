import { useTranslation } from 'react-i18next';
import type { Column } from '@/components/DataTable';
import { digest } from '@/lib/digest';
import { formatTime } from '@/lib/time';
import { HeldTag } from './Held';
import { Kind } from './Kind';
import { OutcomeTag } from './OutcomeTag';
import { keyOf, type Push } from './types';
import type { Selection } from './useSelection';
import styles from './useColumns.module.css';

interface Options {
  zone: 'local' | 'utc';
  selection: Selection;
  onOpen: (push: Push) => void;
}

export function useColumns({ zone, selection, onOpen }: Options): Column<Push>[] {
  const { t } = useTranslation('messages');
  return [
    {
      key: 'select',
      title: (
        <input
          type="checkbox"
          className={styles.check}
          aria-label={t('select.all')}
          checked={selection.all}
          ref={(box) => {
            if (box) box.indeterminate = selection.some && !selection.all;
          }}
          onChange={selection.toggleAll}
        />
      ),
      width: '52px',
      card: 'bare',
      cell: (push) => (
        <input
          type="checkbox"
          className={styles.check}
          aria-label={t('select.one', { id: keyOf(push) })}
          checked={selection.has(push)}
          onChange={() => {
            selection.toggle(push);
          }}
        />
      ),
    },
    {
      key: 'time',
      title: zone === 'utc' ? t('column.timeUTC') : t('column.time'),
      width: '172px',
      card: 'bare',
      cell: ({ receiveTime }) => (
        <time dateTime={new Date(receiveTime * 1000).toISOString()}>
          {formatTime(receiveTime, zone)}
        </time>
      ),
    },
    {
      key: 'kind',
      title: t('column.kind'),
      width: '180px',
      card: 'title',
      cell: (push) => (
        <button
          type="button"
          data-row
          className={styles.open}
          onClick={() => {
            onOpen(push);
          }}
        >
          <Kind push={push} />
          <HeldTag held={push.held} />
        </button>
      ),
    },
    {
      key: 'appid',
      title: 'AppID',
      width: '178px',
      cell: ({ appid }) => (appid ? <code>{appid}</code> : '—'),
    },
    {
      key: 'body',
      title: t('column.body'),
      truncate: true,
      card: 'bare',
      cell: ({ preview }) => <span className={styles.body}>{digest(preview)}</span>,
    },
    {
      key: 'outcome',
      title: t('column.outcome'),
      width: '124px',
      cell: (push) => <OutcomeTag id={keyOf(push)} />,
    },
  ];
}
