import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { Stack } from '@/components/Stack';
import { CallbackCard } from '@/features/secrets/CallbackCard';
import { PushCard } from '@/features/secrets/PushCard';
import { SecretCard } from '@/features/secrets/SecretCard';
import { useTitle } from '@/hooks/useTitle';

export default function SettingsPage() {
  const { t } = useTranslation('secrets');
  useTitle(t('page'));
  return (
    <>
      <PageHeader title={t('page')} description={t('intro')} />
      <Stack>
        <CallbackCard />
        <SecretCard />
        <PushCard />
      </Stack>
    </>
  );
}
