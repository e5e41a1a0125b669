import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { type Column, DataTable } from '@/components/DataTable';
import { Empty, QueryView } from '@/components/states';
import { TimeText } from '@/components/TimeText';
import { kindName } from '@/lib/pushKinds';
import { type Channel, type Received, receivedQuery, storedRunQuery } from './queries';
import { Result } from './Result';
import styles from './dryRun.module.css';

interface Props {
  channel: Channel;
  /** Of the push that is tried. */
  id: number | null;
  onChoose: (id: number | null) => void;
}

/** One of the pushes that were received, tried against the rules. */
export function Stored({ channel, id, onChoose }: Props) {
  const { t } = useTranslation('dryRun');
  if (id === null) return <Newest channel={channel} onChoose={onChoose} />;
  return (
    <>
      <div>
        <Button
          variant="outline"
          theme="default"
          icon="chevronLeft"
          onClick={() => {
            onChoose(null);
          }}
        >
          {t('stored.another')}
        </Button>
      </div>
      <Run channel={channel} id={id} />
    </>
  );
}

function Run({ channel, id }: { channel: Channel; id: number }) {
  const query = useQuery(storedRunQuery(channel, id));
  return (
    <QueryView query={query} lines={6}>
      {(run) => <Result run={run} />}
    </QueryView>
  );
}

function Newest({ channel, onChoose }: { channel: Channel; onChoose: (id: number) => void }) {
  const { t } = useTranslation('dryRun');
  const query = useQuery(receivedQuery(channel));
  const columns: Column<Received>[] = [
    {
      key: 'kind',
      title: t('stored.kind'),
      card: 'title',
      cell: ({ kind: { member, value } }) => (
        <span className={styles.two}>
          {kindName(t as TFunction, member, value)}
          <code>{value}</code>
        </span>
      ),
    },
    { key: 'appid', title: 'AppID', cell: ({ appid }) => (appid ? <code>{appid}</code> : '—') },
    {
      key: 'time',
      title: t('stored.time'),
      width: '190px',
      cell: ({ receiveTime }) => <TimeText at={receiveTime} />,
    },
    {
      key: 'run',
      title: t('stored.deed'),
      width: '110px',
      card: 'bare',
      cell: (push) => (
        <Button
          variant="outline"
          theme="default"
          size="small"
          aria-label={t('stored.run', { kind: push.kind.value, id: push.id })}
          onClick={() => {
            onChoose(push.id);
          }}
        >
          {t('run')}
        </Button>
      ),
    },
  ];
  return (
    <Card title={t('stored.title')} description={t('stored.about')} flush>
      <DataTable
        caption={t('stored.title')}
        columns={columns}
        rows={query.data}
        rowKey={({ id }) => id}
        loading={query.isFetching}
        error={query.error}
        onRetry={() => void query.refetch()}
        onRowClick={({ id }) => {
          onChoose(id);
        }}
        empty={
          <Empty icon="message" title={t('stored.none')}>
            {t('stored.noneText')}
          </Empty>
        }
      />
    </Card>
  );
}
