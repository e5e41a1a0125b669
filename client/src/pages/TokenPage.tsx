import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { TokenBoard } from '@/features/tokens/TokenBoard';
import { useTitle } from '@/hooks/useTitle';

export default function TokenPage() {
  const { t } = useTranslation('tokens');
  useTitle(t('page'));
  return (
    <>
      <PageHeader title={t('page')} description={t('intro')} />
      <TokenBoard />
    </>
  );
}
