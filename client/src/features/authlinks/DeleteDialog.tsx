import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { toast } from '@/components/toast';
import { type AuthLink, deleteLink, linksQuery } from './queries';

export function DeleteDialog({ link, onClose }: { link: AuthLink; onClose: () => void }) {
  const { t } = useTranslation('authlinks');
  const client = useQueryClient();
  const name = link.name || link.id;
  const mutation = useMutation({
    mutationFn: () => deleteLink(link.id),
    meta: { errorShown: true },
    onSuccess: () => {
      toast.ok(t('delete.done', { name }));
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: linksQuery.queryKey }),
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
