import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PickField } from '@/components/PickField';
import { useAccountNames, useAccountSearch } from '@/hooks/useAccountSearch';
import { useTagList } from '@/hooks/useTagList';
import type { BranchFormState } from './form';

/** Which accounts the rule is about: some by name, or all with one of some tags. */
export function AccountFields({ form }: { form: BranchFormState }) {
  const { t } = useTranslation('branches');
  const { values, errors, set } = form;
  const [search, setSearch] = useState('');
  const found = useAccountSearch(search);
  const names = useAccountNames(values.accounts);
  const tags = useTagList();
  return (
    <>
      <PickField
        label={t('field.tags')}
        help={t('help.tags')}
        placeholder={t('hint.any')}
        own
        values={values.tags}
        error={errors.tags}
        options={tags.map(({ tag, accounts }) => ({
          value: tag,
          label: tag,
          note: t('accounts', { count: accounts }),
        }))}
        onChange={(next) => {
          set('tags', next);
        }}
      />
      <PickField
        label={t('field.accounts')}
        help={t('help.accounts')}
        placeholder={t('hint.accounts')}
        own
        values={values.accounts}
        error={errors.accounts}
        options={found.map(({ appid, nickName }) => ({
          value: appid,
          label: nickName || appid,
          note: nickName ? appid : undefined,
        }))}
        onSearch={setSearch}
        nameOf={(appid) => names[appid]}
        onChange={(next) => {
          set('accounts', next);
        }}
      />
    </>
  );
}
