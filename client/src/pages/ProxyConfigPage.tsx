import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { Stack } from '@/components/Stack';
import { ProxyCard } from '@/features/proxy/ProxyCard';
import { ScopeCard } from '@/features/proxy/ScopeCard';
import { useTitle } from '@/hooks/useTitle';

export default function ProxyConfigPage() {
  const { t } = useTranslation('proxy');
  useTitle(t('page'));
  return (
    <>
      <PageHeader title={t('page')} description={t('intro')} />
      <Stack>
        <ProxyCard />
        <ScopeCard />
      </Stack>
    </>
  );
}
