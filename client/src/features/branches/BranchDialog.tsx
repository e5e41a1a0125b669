import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { SwitchField, TextField } from '@/components/Field';
import { FormDialog } from '@/components/FormDialog';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { AccountFields } from './AccountFields';
import { FilterFields } from './FilterFields';
import { blank, fromBranch, problems, renameField } from './form';
import { KindFields } from './KindFields';
import { type Branch, branchesQuery, saveBranch } from './queries';
import { TargetFields } from './TargetFields';
import styles from './branches.module.css';

interface Props {
  /** The one to change; none to add one. */
  branch?: Branch;
  onClose: () => void;
}

export function BranchDialog({ branch, onClose }: Props) {
  const { t } = useTranslation('branches');
  const client = useQueryClient();
  const form = useForm({
    initial: branch ? fromBranch(branch) : blank,
    check: (values) =>
      Object.fromEntries(
        Object.entries(problems(values)).map(([field, problem]) => [
          field,
          t(`problem.${problem}`),
        ]),
      ),
    submit: async (values) => {
      await saveBranch(branch?.id, values).catch((error: unknown) => {
        throw renameField(error);
      });
      void client.invalidateQueries({ queryKey: branchesQuery.queryKey });
      toast.ok(t('saved'));
      onClose();
    },
  });
  const { values, errors, set } = form;
  return (
    <FormDialog title={t(branch ? 'edit.title' : 'add')} width={720} form={form} onClose={onClose}>
      <TextField
        label={t('field.name')}
        data-autofocus
        maxLength={64}
        value={values.name}
        error={errors.name}
        onChange={(value) => {
          set('name', value);
        }}
      />
      <fieldset className={styles.group}>
        <legend>{t('when')}</legend>
        <p className={styles.muted}>{t('whenHelp')}</p>
        <KindFields form={form} />
        <AccountFields form={form} />
        <FilterFields form={form} />
      </fieldset>
      <TargetFields form={form} />
      <SwitchField
        label={t('field.stop')}
        help={t('help.stop')}
        checked={values.stop}
        onChange={(stop) => {
          set('stop', stop);
        }}
      />
      <SwitchField
        label={t('field.open')}
        checked={values.open}
        onChange={(open) => {
          set('open', open);
        }}
      />
    </FormDialog>
  );
}
