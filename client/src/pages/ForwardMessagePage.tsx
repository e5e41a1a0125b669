import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { Tabs } from '@/components/Tabs';
import { RuleBoard } from '@/features/rules/RuleBoard';
import { useTitle } from '@/hooks/useTitle';
import { useUrlState } from '@/hooks/useUrlState';

const defaults = { tab: 'component' };

export default function ForwardMessagePage() {
  const { t } = useTranslation('rules');
  const [{ tab }, change] = useUrlState(defaults);
  const channel = tab === 'biz' ? 'biz' : 'component';
  useTitle(t('page'));
  return (
    <>
      <PageHeader title={t('page')} description={t('intro')} />
      <Tabs
        label={t('page')}
        value={channel}
        onChange={(next) => {
          change({ tab: next });
        }}
        items={[
          { value: 'component', label: t('tab.component') },
          { value: 'biz', label: t('tab.biz') },
        ]}
      >
        <RuleBoard key={channel} channel={channel} />
      </Tabs>
    </>
  );
}
