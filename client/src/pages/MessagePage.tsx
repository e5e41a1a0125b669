import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { MessageBoard } from '@/features/messages/MessageBoard';
import { useTitle } from '@/hooks/useTitle';

export default function MessagePage() {
  const { t } = useTranslation('messages');
  useTitle(t('page'));
  return (
    <>
      <PageHeader title={t('page')} description={t('intro')} />
      <MessageBoard />
    </>
  );
}
