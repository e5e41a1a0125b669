import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { Stack } from '@/components/Stack';
import { GuideCard } from '@/features/releaseCheck/GuideCard';
import { LastCheck } from '@/features/releaseCheck/LastCheck';
import { SwitchCard } from '@/features/releaseCheck/SwitchCard';
import { useTitle } from '@/hooks/useTitle';

export default function ReleaseCheckPage() {
  const { t } = useTranslation('releaseCheck');
  useTitle(t('page'));
  return (
    <>
      <PageHeader title={t('page')} description={t('intro')} />
      <Stack>
        <LastCheck />
        <SwitchCard />
        <GuideCard />
      </Stack>
    </>
  );
}
