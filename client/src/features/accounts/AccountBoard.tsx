import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { DataTable } from '@/components/DataTable';
import { LoadMore } from '@/components/LoadMore';
import { Stack } from '@/components/Stack';
import { Empty } from '@/components/states';
import { useCursorList } from '@/hooks/useCursorList';
import { currentTag } from '@/lib/i18n';
import { AccountDrawer } from './AccountDrawer';
import { AccountFilterBar } from './AccountFilterBar';
import { accountKeys, loadAccounts } from './queries';
import { SyncCard } from './SyncCard';
import { useAccountColumns } from './useAccountColumns';
import { useAccountFilter } from './useAccountFilter';

export function AccountBoard() {
  const { t } = useTranslation('accounts');
  const { filter, open, change } = useAccountFilter();
  const list = useCursorList({
    queryKey: accountKeys.list(filter),
    load: (cursor, signal) => loadAccounts(filter, cursor, signal),
  });
  const show = (appid: string) => {
    change({ open: appid });
  };
  const columns = useAccountColumns(show);
  return (
    <Stack>
      <SyncCard />
      <Card
        title={t('list.title')}
        description={
          list.total !== undefined &&
          t('list.total', { total: new Intl.NumberFormat(currentTag()).format(list.total) })
        }
        flush
      >
        <AccountFilterBar filter={filter} onChange={change} />
        <DataTable
          caption={t('list.title')}
          columns={columns}
          rows={list.rows}
          rowKey={({ appid }) => appid}
          loading={list.loading}
          error={list.error}
          onRetry={list.reload}
          onRowClick={({ appid }) => {
            show(appid);
          }}
          activeKey={open}
          empty={
            <Empty icon="users" title={t('empty.title')}>
              {t('empty.text')}
            </Empty>
          }
        />
        {list.hasMore && (
          <LoadMore loading={list.loadingMore} onClick={list.loadMore}>
            {t('list.more')}
          </LoadMore>
        )}
      </Card>
      {open && (
        <AccountDrawer
          key={open}
          appid={open}
          onClose={() => {
            change({ open: '' });
          }}
        />
      )}
    </Stack>
  );
}
