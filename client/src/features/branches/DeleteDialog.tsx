import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { useDeed } from '@/hooks/useDeed';
import { type Branch, branchesQuery, deleteBranch } from './queries';

export function DeleteDialog({ branch, onClose }: { branch: Branch; onClose: () => void }) {
  const { t } = useTranslation('branches');
  const { id, name } = branch;
  const remove = useDeed({
    deed: () => deleteBranch(id),
    changes: branchesQuery.queryKey,
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
