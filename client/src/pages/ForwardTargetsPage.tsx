import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { TargetBoard } from '@/features/targets/TargetBoard';
import { useTitle } from '@/hooks/useTitle';

export default function ForwardTargetsPage() {
  const { t } = useTranslation('targets');
  useTitle(t('page'));
  return (
    <>
      <PageHeader title={t('page')} description={t('intro')} />
      <TargetBoard />
    </>
  );
}
