import { Button } from '@/components/Button';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DataTable } from '@/components/DataTable';
import { Icon } from '@/components/Icon';
import { Empty } from '@/components/states';
import { currentTag } from '@/lib/i18n';
import { ListBar } from './ListBar';
import { MessageDrawer } from './MessageDrawer';
import type { Channel, Filter } from './types';
import { useColumns } from './useColumns';
import { useMessages } from './useMessages';
import styles from './MessageList.module.css';

interface Props {
  channel: Channel;
  filter: Filter;
  /** Called on refresh, before the list is loaded anew. */
  onRefresh: () => void;
}

export function MessageList({ channel, filter, onRefresh }: Props) {
  const { t } = useTranslation('messages');
  const [live, setLive] = useState(true);
  const [openId, setOpenId] = useState<number | null>(null);
  const list = useMessages(channel, filter, live);
  const columns = useColumns(channel, setOpenId);
  const canFollow = filter.endTime === 0;

  const at = list.rows?.findIndex(({ id }) => id === openId) ?? -1;
  const opened = list.rows?.[at];
  const neighbour = (step: number) => {
    const next = list.rows?.[at + step];
    return (
      next &&
      (() => {
        setOpenId(next.id);
      })
    );
  };

  return (
    <>
      <ListBar
        count={count(list.total, list.totalCapped)}
        status={canFollow && live ? list.status : 'off'}
        canFollow={canFollow}
        live={live}
        onLive={setLive}
        refreshing={list.loading}
        onRefresh={() => {
          onRefresh();
          list.reload();
        }}
      />
      {list.waiting > 0 && (
        <button
          type="button"
          className={styles.pill}
          onClick={() => {
            list.showWaiting();
            window.scrollTo({ top: 0 });
          }}
        >
          <Icon name="arrowUp" size={14} />
          {t('live.waiting', { count: list.waiting })}
        </button>
      )}
      <DataTable
        caption={t(`tab.${channel}`)}
        columns={columns}
        rows={list.rows}
        rowKey={({ id }) => id}
        loading={list.loading}
        error={list.error}
        onRetry={list.reload}
        onRowClick={({ id }) => {
          setOpenId(id);
        }}
        activeKey={openId}
        fixed
        empty={
          <Empty icon="message" title={t('empty.title')}>
            {t('empty.text')}
          </Empty>
        }
      />
      {list.hasMore && (
        <div className={styles.more}>
          <Button variant="text" theme="primary" loading={list.loadingMore} onClick={list.loadMore}>
            {t('older')}
          </Button>
        </div>
      )}
      {opened && (
        <MessageDrawer
          key={opened.id}
          channel={channel}
          message={opened}
          onNewer={neighbour(-1)}
          onOlder={neighbour(1)}
          onClose={() => {
            setOpenId(null);
          }}
        />
      )}
    </>
  );
}

function count(total: number | undefined, capped: boolean): string | undefined {
  if (total === undefined) return undefined;
  return new Intl.NumberFormat(currentTag()).format(total) + (capped ? '+' : '');
}
