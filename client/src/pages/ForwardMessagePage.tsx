import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { Tabs } from '@/components/Tabs';
import { BranchBoard } from '@/features/branches/BranchBoard';
import { DryRunBoard } from '@/features/dryRun/DryRunBoard';
import { EventRules } from '@/features/rules/EventRules';
import { useTitle } from '@/hooks/useTitle';
import { useUrlState } from '@/hooks/useUrlState';

const defaults = { tab: 'conditions' };

/** The tab "events" goes by the channel in the address, as it was bookmarked. */
function tabOf(asked: string) {
  if (asked === 'component' || asked === 'biz') return 'events';
  return asked === 'dryRun' ? 'dryRun' : 'conditions';
}

export default function ForwardMessagePage() {
  const { t } = useTranslation('rules');
  const [{ tab: asked }, change] = useUrlState(defaults);
  const tab = tabOf(asked);
  useTitle(t('page'));
  return (
    <>
      <PageHeader title={t('page')} description={t('intro')} />
      <Tabs
        label={t('branches:tab.label')}
        value={tab}
        onChange={(next) => {
          change({ tab: next === 'events' ? 'component' : next });
        }}
        items={[
          { value: 'conditions', label: t('branches:tab.conditions') },
          { value: 'events', label: t('branches:tab.events') },
          { value: 'dryRun', label: t('branches:tab.dryRun') },
        ]}
      >
        {tab === 'conditions' && <BranchBoard />}
        {tab === 'events' && (
          <EventRules
            channel={asked === 'biz' ? 'biz' : 'component'}
            onChannel={(channel) => {
              change({ tab: channel });
            }}
          />
        )}
        {tab === 'dryRun' && <DryRunBoard />}
      </Tabs>
    </>
  );
}
