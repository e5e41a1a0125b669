import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { ReplayBoard } from '@/features/replays/ReplayBoard';
import { useTitle } from '@/hooks/useTitle';

export default function ForwardReplayPage() {
  const { t } = useTranslation('replays');
  useTitle(t('page'));
  return (
    <>
      <PageHeader title={t('page')} description={t('intro')} />
      <ReplayBoard />
    </>
  );
}
