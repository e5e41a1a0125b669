import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { DataTable } from '@/components/DataTable';
import { SelectField } from '@/components/Field';
import { FilterGrid } from '@/components/FilterGrid';
import { LoadMore } from '@/components/LoadMore';
import { SearchField } from '@/components/SearchField';
import { Empty } from '@/components/states';
import { useCursorList } from '@/hooks/useCursorList';
import { useUrlState } from '@/hooks/useUrlState';
import { currentTag } from '@/lib/i18n';
import { loadWeapps, weappKeys } from './queries';
import { useWeappColumns } from './useWeappColumns';
import styles from './weapps.module.css';

const defaults = { search: '', audit: '' };
const auditFilters = ['-1', '2', '4', '0', '1', '3'] as const;

/** The mini programs whose code comes from this platform. */
export function WeappBoard() {
  const { t } = useTranslation('weapps');
  const [{ search, audit }, change] = useUrlState(defaults);
  const list = useCursorList({
    queryKey: weappKeys.list(search, audit),
    load: (cursor, signal) => loadWeapps(search, audit, cursor, signal),
  });
  const columns = useWeappColumns();
  return (
    <Card
      title={t('list.title')}
      description={
        list.total !== undefined &&
        t('list.total', { total: new Intl.NumberFormat(currentTag()).format(list.total) })
      }
      flush
    >
      <div className={styles.filter}>
        <FilterGrid label={t('filter.label')}>
          <SearchField
            label={t('filter.search')}
            placeholder={t('filter.searchHint')}
            value={search}
            onCommit={(next) => {
              change({ search: next });
            }}
          />
          <SelectField
            label={t('filter.audit')}
            value={audit}
            options={[
              { value: '', label: t('filter.any') },
              ...auditFilters.map((value) => ({
                value,
                label: value === '-1' ? t('audit.none') : t(`audit.${value}`),
              })),
            ]}
            onChange={(next) => {
              change({ audit: next });
            }}
          />
        </FilterGrid>
      </div>
      <DataTable
        caption={t('list.title')}
        columns={columns}
        rows={list.rows}
        rowKey={({ appid }) => appid}
        loading={list.loading}
        error={list.error}
        onRetry={list.reload}
        empty={
          <Empty icon="apps" title={t('empty.title')}>
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
  );
}
