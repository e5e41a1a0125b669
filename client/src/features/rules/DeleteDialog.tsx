import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { toast } from '@/components/toast';
import { nameOf } from './kinds';
import { deleteRule, type Rule, ruleKeys } from './queries';

export function DeleteDialog({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const { t } = useTranslation('rules');
  const client = useQueryClient();
  const name = nameOf(t, rule);
  const mutation = useMutation({
    mutationFn: () => deleteRule(rule.id),
    meta: { errorShown: true },
    onSuccess: () => {
      toast.ok(t('delete.done', { name }));
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ruleKeys.all }),
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
