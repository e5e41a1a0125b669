import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { SubmitAuditForm } from '@/features/submitAudit/SubmitAuditForm';
import { NoWeapp } from '@/features/weapps/NoWeapp';
import { useTitle } from '@/hooks/useTitle';
import { useUrlState } from '@/hooks/useUrlState';
import { paths } from '@/lib/paths';

const defaults = { appId: '' };

export default function SubmitAuditPage() {
  const { t } = useTranslation(['submitAudit', 'weapps']);
  const [{ appId }] = useUrlState(defaults);
  useTitle(t('submitAudit:page'));
  return (
    <>
      <PageHeader
        title={t('submitAudit:page')}
        description={appId}
        crumbs={[
          { title: t('weapps:list.title'), to: `${paths.accounts}?tab=weapps` },
          { title: t('weapps:page'), to: `${paths.miniProgramVersion}?appId=${appId}` },
        ]}
      />
      {appId ? <SubmitAuditForm key={appId} appid={appId} /> : <NoWeapp />}
    </>
  );
}
