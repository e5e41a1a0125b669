import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { useDeed } from '@/hooks/useDeed';
import { nameOf } from './kinds';
import { deleteRule, type Rule, ruleKeys } from './queries';

export function DeleteDialog({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const { t } = useTranslation('rules');
  const name = nameOf(t, rule);
  const remove = useDeed({
    deed: () => deleteRule(rule.id),
    changes: ruleKeys.all,
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
