import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Button } from '@/components/Button';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { type Column, DataTable } from '@/components/DataTable';
import { LoadMore } from '@/components/LoadMore';
import { Empty } from '@/components/states';
import { TimeText } from '@/components/TimeText';
import { toast } from '@/components/toast';
import { useCursorList } from '@/hooks/useCursorList';
import type { Destination } from '@/hooks/useDestinations';
import { paths } from '@/lib/paths';
import {
  type Delivery,
  deliveriesAtOnce,
  loadDead,
  replayKeys,
  useRedeliver,
  useStart,
} from './queries';
import styles from './replays.module.css';

interface Props {
  destination: Destination;
  /** How many there are, in digits. */
  count: string;
}

/** What was given up for one target, with the reasons; one, some or all of it can be sent again. */
export function DeadList({ destination, count }: Props) {
  const { t } = useTranslation('replays');
  const { key, name, inForce } = destination;
  const [chosen, setChosen] = useState<string[]>([]);
  const [asking, setAsking] = useState(false);
  const list = useCursorList({
    queryKey: replayKeys.dead(key),
    load: (cursor, signal) => loadDead(key, cursor, signal),
  });
  const redeliver = useRedeliver();
  const again = (ids: string[]) => {
    redeliver.mutate(ids, {
      onSuccess: (answer) => {
        toast.ok(t('dead.again', { count: answer.count }));
        setChosen([]);
      },
    });
  };
  const columns = useColumns({ chosen, setChosen, again, inForce });
  return (
    <>
      <div className={styles.deeds}>
        <Button
          size="small"
          variant="outline"
          disabled={!inForce || chosen.length === 0}
          loading={redeliver.isPending}
          onClick={() => {
            again(chosen);
          }}
        >
          {t('dead.some', { count: chosen.length })}
        </Button>
        <Button
          size="small"
          disabled={!inForce || list.rows?.length === 0}
          onClick={() => {
            setAsking(true);
          }}
        >
          {t('dead.all', { total: count })}
        </Button>
      </div>
      <DataTable
        caption={t('dead.title')}
        columns={columns}
        rows={list.rows}
        rowKey={({ id }) => id}
        loading={list.loading}
        error={list.error}
        onRetry={list.reload}
        empty={<Empty icon="check" title={t('dead.none')} />}
      />
      {list.hasMore && (
        <LoadMore loading={list.loadingMore} onClick={list.loadMore}>
          {t('dead.more')}
        </LoadMore>
      )}
      {asking && (
        <AllDialog
          target={key}
          name={name}
          count={count}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </>
  );
}

interface ColumnOptions {
  chosen: string[];
  setChosen: (chosen: string[]) => void;
  again: (ids: string[]) => void;
  inForce: boolean;
}

function useColumns({ chosen, setChosen, again, inForce }: ColumnOptions): Column<Delivery>[] {
  const { t } = useTranslation('replays');
  return [
    {
      key: 'select',
      title: <span className="visually-hidden">{t('dead.select')}</span>,
      width: '52px',
      card: 'bare',
      cell: ({ id, identity }) => (
        <input
          type="checkbox"
          className={styles.check}
          aria-label={t('dead.selectOne', { id: identity || id })}
          checked={chosen.includes(id)}
          disabled={!chosen.includes(id) && chosen.length >= deliveriesAtOnce}
          onChange={(event) => {
            setChosen(
              event.target.checked ? [...chosen, id] : chosen.filter((each) => each !== id),
            );
          }}
        />
      ),
    },
    {
      key: 'received',
      title: t('dead.received'),
      cell: ({ receiveTime }) => <TimeText at={receiveTime / 1000} />,
    },
    {
      key: 'event',
      title: t('dead.event'),
      card: 'title',
      cell: ({ event, identity }) => (
        <Link to={{ pathname: paths.message, search: `id=${encodeURIComponent(identity)}` }}>
          {event || t('dead.unnamed')}
        </Link>
      ),
    },
    { key: 'appid', title: 'AppID', cell: ({ appid }) => <code>{appid || '—'}</code> },
    { key: 'attempts', title: t('dead.attempts'), cell: ({ attempts }) => attempts },
    { key: 'reason', title: t('dead.reason'), cell: ({ lastError }) => lastError ?? '—' },
    {
      key: 'deeds',
      title: <span className="visually-hidden">{t('dead.deeds')}</span>,
      card: 'bare',
      cell: ({ id }) => (
        <Button
          size="small"
          variant="text"
          disabled={!inForce}
          onClick={() => {
            again([id]);
          }}
        >
          {t('dead.one')}
        </Button>
      ),
    },
  ];
}

interface AllProps {
  target: string;
  name: string;
  count: string;
  onClose: () => void;
}

function AllDialog({ target, name, count, onClose }: AllProps) {
  const { t } = useTranslation('replays');
  const start = useStart();
  return (
    <ConfirmDialog
      title={t('dead.allTitle', { name })}
      confirm={t('dead.all', { total: count })}
      busy={start.isPending}
      error={start.error}
      onClose={onClose}
      onConfirm={() => {
        start.mutate(
          {
            source: 'dead',
            target,
            channel: '',
            appid: '',
            missing: false,
            from: 0,
            to: 0,
            rate: 0,
          },
          {
            onSuccess: () => {
              toast.ok(t('dialog.started'));
              onClose();
            },
          },
        );
      }}
    >
      <p>{t('dead.allText')}</p>
    </ConfirmDialog>
  );
}
