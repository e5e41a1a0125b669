import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { NoWeapp } from '@/features/weapps/NoWeapp';
import { VersionBoard } from '@/features/weapps/VersionBoard';
import { useTitle } from '@/hooks/useTitle';
import { useUrlState } from '@/hooks/useUrlState';
import { paths } from '@/lib/paths';

const defaults = { appId: '' };

export default function MiniProgramVersionPage() {
  const { t } = useTranslation('weapps');
  const [{ appId }] = useUrlState(defaults);
  useTitle(t('page'));
  return (
    <>
      <PageHeader
        title={t('page')}
        crumbs={[{ title: t('list.title'), to: `${paths.accounts}?tab=weapps` }]}
      />
      {appId ? <VersionBoard key={appId} appid={appId} /> : <NoWeapp />}
    </>
  );
}
