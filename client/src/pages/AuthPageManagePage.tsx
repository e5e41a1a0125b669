import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { Stack } from '@/components/Stack';
import { InfoCard } from '@/features/authlinks/InfoCard';
import { LinkBoard } from '@/features/authlinks/LinkBoard';
import { PlainCard } from '@/features/authlinks/PlainCard';
import { RedirectCard } from '@/features/authlinks/RedirectCard';
import { useTitle } from '@/hooks/useTitle';

export default function AuthPageManagePage() {
  const { t } = useTranslation('authlinks');
  useTitle(t('page'));
  return (
    <>
      <PageHeader title={t('page')} description={t('intro')} />
      <Stack>
        <PlainCard />
        <LinkBoard />
        <InfoCard />
        <RedirectCard />
      </Stack>
    </>
  );
}
