import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { toast } from '@/components/toast';
import { type Branch, branchesQuery, deleteBranch } from './queries';

export function DeleteDialog({ branch, onClose }: { branch: Branch; onClose: () => void }) {
  const { t } = useTranslation('branches');
  const client = useQueryClient();
  const { id, name } = branch;
  const mutation = useMutation({
    mutationFn: () => deleteBranch(id),
    meta: { errorShown: true },
    onSuccess: () => {
      toast.ok(t('delete.done', { name }));
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: branchesQuery.queryKey }),
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
