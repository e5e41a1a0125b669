import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { SwitchField } from '@/components/Field';
import { nameOf } from './kinds';
import { type Rule, ruleKeys, switchRule } from './queries';

/** Turns a rule on and off; shows the new state at once and the old one again if that fails. */
export function RuleSwitch({ rule }: { rule: Rule }) {
  const { t } = useTranslation('rules');
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: (open: boolean) => switchRule(rule, open),
    onSettled: () => client.invalidateQueries({ queryKey: ruleKeys.all }),
  });
  return (
    <SwitchField
      label={<span className="visually-hidden">{t('switch', { name: nameOf(t, rule) })}</span>}
      checked={mutation.isPending ? mutation.variables : rule.open === 1}
      disabled={mutation.isPending}
      onChange={(open) => {
        mutation.mutate(open);
      }}
    />
  );
}
