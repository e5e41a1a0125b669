import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { Stack } from '@/components/Stack';
import { BaseCard } from '@/features/notify/BaseCard';
import { ChannelBoard } from '@/features/notify/ChannelBoard';
import { MessageCard } from '@/features/notify/MessageCard';
import { useTitle } from '@/hooks/useTitle';

export default function NotificationPage() {
  const { t } = useTranslation('notify');
  useTitle(t('page'));
  return (
    <>
      <PageHeader title={t('page')} description={t('intro')} />
      <Stack>
        <ChannelBoard />
        <MessageCard />
        <BaseCard />
      </Stack>
    </>
  );
}
