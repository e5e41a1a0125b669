import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { Tabs } from '@/components/Tabs';
import { AccountBoard } from '@/features/accounts/AccountBoard';
import { WeappBoard } from '@/features/weapps/WeappBoard';
import { useTitle } from '@/hooks/useTitle';
import { useUrlState } from '@/hooks/useUrlState';

const defaults = { tab: 'accounts' };

export default function AccountsPage() {
  const { t } = useTranslation('accounts');
  const [{ tab }, change] = useUrlState(defaults);
  useTitle(t('page'));
  return (
    <>
      <PageHeader title={t('page')} description={t('intro')} />
      <Tabs
        label={t('tab.label')}
        value={tab === 'weapps' ? 'weapps' : 'accounts'}
        onChange={(next) => {
          change({ tab: next });
        }}
        items={[
          { value: 'accounts', label: t('tab.accounts') },
          { value: 'weapps', label: t('tab.weapps') },
        ]}
      >
        {tab === 'weapps' ? <WeappBoard /> : <AccountBoard />}
      </Tabs>
    </>
  );
}
