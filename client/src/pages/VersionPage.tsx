import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { VersionCard } from '@/features/version/VersionCard';
import { useTitle } from '@/hooks/useTitle';

export default function VersionPage() {
  const { t } = useTranslation('version');
  useTitle(t('page'));
  return (
    <>
      <PageHeader title={t('page')} description={t('intro')} />
      <VersionCard />
    </>
  );
}
