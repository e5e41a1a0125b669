import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { useDeed } from '@/hooks/useDeed';
import { type Channel, deleteChannel, notifyKeys } from './queries';

export function DeleteDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const { t } = useTranslation('notify');
  const { id, name } = channel;
  const remove = useDeed({
    deed: () => deleteChannel(id),
    changes: notifyKeys.all,
    done: t('delete.done', { name }),
    onDone: onClose,
    errorShown: true,
  });
  return (
    <ConfirmDialog
      title={t('delete.title', { name })}
      confirm={t('delete.confirm')}
      danger
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => {
        remove.mutate(undefined);
      }}
      onClose={onClose}
    >
      <p>{t('delete.text')}</p>
    </ConfirmDialog>
  );
}
