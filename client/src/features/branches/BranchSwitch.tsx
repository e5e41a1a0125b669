import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { SwitchField } from '@/components/Field';
import { type Branch, branchesQuery, switchBranch } from './queries';

/** Turns a rule on and off; shows the new state at once and the old one again if that fails. */
export function BranchSwitch({ branch }: { branch: Branch }) {
  const { t } = useTranslation('branches');
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: (open: boolean) => switchBranch(branch, open),
    onSettled: () => client.invalidateQueries({ queryKey: branchesQuery.queryKey }),
  });
  return (
    <SwitchField
      label={<span className="visually-hidden">{t('switch', { name: branch.name })}</span>}
      checked={mutation.isPending ? mutation.variables : branch.open}
      disabled={mutation.isPending}
      onChange={(open) => {
        mutation.mutate(open);
      }}
    />
  );
}
