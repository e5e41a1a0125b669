import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { Stack } from '@/components/Stack';
import { PasswordForm } from '@/features/account/PasswordForm';
import { UsernameForm } from '@/features/account/UsernameForm';
import { useTitle } from '@/hooks/useTitle';

export default function PasswordPage() {
  const { t } = useTranslation('account');
  useTitle(t('page'));
  return (
    <>
      <PageHeader title={t('page')} description={t('intro')} />
      <Stack>
        <PasswordForm />
        <UsernameForm />
      </Stack>
    </>
  );
}
