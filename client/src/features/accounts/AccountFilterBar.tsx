import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { SelectField } from '@/components/Field';
import { FilterGrid } from '@/components/FilterGrid';
import { SearchField } from '@/components/SearchField';
import { type TagCount, useTagList } from '@/hooks/useTagList';
import { kinds, permissionName } from './names';
import { permissionsQuery } from './queries';
import type { AccountFilter } from './useAccountFilter';
import styles from './accounts.module.css';

interface Props {
  filter: AccountFilter;
  onChange: (part: Partial<AccountFilter>) => void;
}

export function AccountFilterBar({ filter, onChange }: Props) {
  const { t } = useTranslation('accounts');
  const permissions = useQuery(permissionsQuery);
  const tags = useTagList();
  const sets = (permissions.data ?? []).map((set) => ({
    value: String(set.id),
    label: `${set.id} ${permissionName(t, set)}`,
  }));
  return (
    <div className={styles.filter}>
      <FilterGrid label={t('filter.label')}>
        <SearchField
          label={t('filter.search')}
          placeholder={t('filter.searchHint')}
          value={filter.search}
          onCommit={(search) => {
            onChange({ search });
          }}
        />
        <SelectField
          label={t('filter.type')}
          value={filter.type}
          options={[
            { value: '', label: t('filter.any') },
            ...kinds.map((kind) => ({ value: kind, label: t(`kind.${kind}`) })),
          ]}
          onChange={(type) => {
            onChange({ type });
          }}
        />
        <SelectField
          label={t('filter.tag')}
          value={filter.tag}
          options={[
            { value: '', label: t('filter.any') },
            ...tagsWith(filter.tag, tags).map(({ tag, accounts }) => ({
              value: tag,
              label: accounts === undefined ? tag : `${tag} (${accounts})`,
            })),
          ]}
          onChange={(tag) => {
            onChange({ tag });
          }}
        />
        <SelectField
          label={t('filter.permission')}
          value={filter.permission}
          options={[{ value: '', label: t('filter.any') }, ...sets]}
          onChange={(permission) => {
            onChange({ permission });
          }}
        />
        <SelectField
          label={t('filter.status')}
          value={filter.status}
          options={[
            { value: 'authorized', label: t('status.authorized') },
            { value: 'unauthorized', label: t('status.unauthorized') },
            { value: 'all', label: t('filter.any') },
          ]}
          onChange={(status) => {
            onChange({ status });
          }}
        />
        <SelectField
          label={t('filter.sort')}
          value={filter.sort}
          options={[
            { value: 'time', label: t('sort.time') },
            { value: 'name', label: t('sort.name') },
          ]}
          onChange={(sort) => {
            onChange({ sort });
          }}
        />
      </FilterGrid>
    </div>
  );
}

/** The tags there are; the chosen one among them even if no account has it any more. */
function tagsWith(chosen: string, tags: TagCount[]): (Partial<TagCount> & { tag: string })[] {
  return chosen && !tags.some(({ tag }) => tag === chosen) ? [...tags, { tag: chosen }] : tags;
}
