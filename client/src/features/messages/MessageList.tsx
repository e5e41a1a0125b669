import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Icon } from '@/components/Icon';
import { LoadMore } from '@/components/LoadMore';
import { Empty } from '@/components/states';
import { VirtualTable } from '@/components/VirtualTable';
import { useShortcuts } from '@/hooks/useShortcuts';
import { currentTag } from '@/lib/i18n';
import { formatTime } from '@/lib/time';
import { ListBar } from './ListBar';
import { useStatesQuery } from './queries';
import { SendDialog } from './SendDialog';
import { canStream, type Filter, keyOf, type Push } from './types';
import { useColumns } from './useColumns';
import { useMessages } from './useMessages';
import { useSelection } from './useSelection';
import styles from './MessageList.module.css';

interface Props {
  filter: Filter;
  zone: 'local' | 'utc';
  openKey: string | null;
  onOpen: (push: Push) => void;
  /** Told the rows in their order. */
  onRows: (rows: Push[]) => void;
  /** Called on refresh, before the list is loaded anew. */
  onRefresh: () => void;
  onHelp: () => void;
}

const rowHeight = 57; // pixels

export function MessageList(props: Props) {
  const { filter, zone, openKey, onOpen, onRows, onRefresh, onHelp } = props;
  const { t } = useTranslation('messages');
  const [live, setLive] = useState(true);
  const [sending, setSending] = useState(false);
  const [view, setView] = useState<string[]>([]);
  const list = useMessages(filter, live);
  const selection = useSelection(list.rows);
  const columns = useColumns({ zone, selection, onOpen });
  const canFollow = canStream(filter) || (filter.outcome !== '' && filter.endTime === 0);
  const [onView] = useState(() => (rows: Push[]) => {
    setView(rows.slice(0, 100).map(keyOf));
  });
  useQuery(useStatesQuery(view));
  useEffect(() => {
    onRows(list.rows ?? []);
  }, [onRows, list.rows]);

  const refresh = () => {
    onRefresh();
    list.reload();
  };
  useShortcuts({
    r: refresh,
    p: canFollow
      ? () => {
          setLive(!live);
        }
      : undefined,
    j: () => document.querySelector<HTMLElement>('[data-row]')?.focus(),
  });

  return (
    <>
      <ListBar
        count={
          list.rows &&
          t(list.hasMore ? 'loadedMore' : 'loaded', {
            total: new Intl.NumberFormat(currentTag()).format(list.rows.length),
          })
        }
        status={canFollow && live ? list.status : 'off'}
        canFollow={canFollow}
        live={live}
        onLive={setLive}
        refreshing={list.loading}
        onRefresh={refresh}
        onHelp={onHelp}
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
      {selection.some && (
        <div className={styles.chosen} role="region" aria-label={t('select.label')}>
          <span>{t('select.count', { count: selection.pushes.length })}</span>
          <Button
            size="small"
            icon="forward"
            onClick={() => {
              setSending(true);
            }}
          >
            {t('select.send')}
          </Button>
          <Button size="small" variant="text" theme="default" onClick={selection.clear}>
            {t('select.clear')}
          </Button>
        </div>
      )}
      <VirtualTable
        caption={t('page')}
        columns={columns}
        rows={list.rows}
        rowKey={keyOf}
        loading={list.loading}
        error={list.error}
        onRetry={list.reload}
        onRowClick={onOpen}
        activeKey={openKey}
        rowHeight={rowHeight}
        onView={onView}
        empty={
          !list.searchedTo && (
            <Empty icon="message" title={t('empty.title')}>
              {t('empty.text')}
            </Empty>
          )
        }
      />
      {list.hasMore && list.searchedTo && (
        <p className={styles.searched} role="status">
          {t('searched', { time: formatTime(list.searchedTo, zone) })}
        </p>
      )}
      {list.hasMore && (
        <LoadMore loading={list.loadingMore} onClick={list.loadMore}>
          {t(list.searchedTo ? 'searchOn' : 'older')}
        </LoadMore>
      )}
      {sending && (
        <SendDialog
          pushes={selection.pushes}
          onSent={selection.clear}
          onClose={() => {
            setSending(false);
          }}
        />
      )}
    </>
  );
}
