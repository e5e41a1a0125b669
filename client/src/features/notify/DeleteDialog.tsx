import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { toast } from '@/components/toast';
import { type Channel, deleteChannel, notifyKeys } from './queries';

export function DeleteDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const { t } = useTranslation('notify');
  const client = useQueryClient();
  const { id, name } = channel;
  const mutation = useMutation({
    mutationFn: () => deleteChannel(id),
    meta: { errorShown: true },
    onSuccess: () => {
      toast.ok(t('delete.done', { name }));
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: notifyKeys.all }),
  });
  return (
    <ConfirmDialog
      title={t('delete.title', { name })}
      confirm={t('delete.confirm')}
      danger
      busy={mutation.isPending}
      error={mutation.error}
      onConfirm={() => {
        mutation.mutate();
      }}
      onClose={onClose}
    >
      <p>{t('delete.text')}</p>
    </ConfirmDialog>
  );
}
