import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { OverviewBoard } from '@/features/overview/OverviewBoard';
import { StandingBoard } from '@/features/standing/StandingBoard';
import { useTitle } from '@/hooks/useTitle';

export default function HomePage() {
  const { t } = useTranslation('overview');
  useTitle(t('page'));
  return (
    <>
      <PageHeader title={t('page')} description={t('intro')} />
      <OverviewBoard />
      <StandingBoard />
    </>
  );
}
