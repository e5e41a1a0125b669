import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { AddressFields } from '@/components/AddressFields';
import { SelectField, TextField } from '@/components/Field';
import { FormDialog } from '@/components/FormDialog';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { blank, fromTarget, problems } from './form';
import { PaceFields } from './PaceFields';
import { addTarget, changeTarget, type Target, targetKeys } from './queries';
import { ScheduleFields } from './ScheduleFields';

interface Props {
  /** The one to change; none to add one. */
  target?: Target;
  onSecret: (name: string, secret: string) => void;
  onClose: () => void;
}

export function TargetDialog({ target, onSecret, onClose }: Props) {
  const { t } = useTranslation('targets');
  const client = useQueryClient();
  const form = useForm({
    initial: target ? fromTarget(target) : blank,
    check: (values) =>
      Object.fromEntries(
        Object.entries(problems(values)).map(([field, problem]) => [
          field,
          t(`problem.${problem}`),
        ]),
      ),
    submit: async (values) => {
      const secret = target ? await changeTarget(target.id, values) : await addTarget(values);
      void client.invalidateQueries({ queryKey: targetKeys.all });
      if (secret) {
        onSecret(values.name.trim(), secret);
        return;
      }
      toast.ok(t('saved'));
      onClose();
    },
  });
  const { values, errors, set } = form;
  return (
    <FormDialog title={t(target ? 'edit.title' : 'add')} width={640} form={form} onClose={onClose}>
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
      <AddressFields
        label={t('field.place')}
        place={values.place}
        onPlace={(place) => {
          set('place', place);
        }}
        values={values}
        errors={errors}
        set={set}
        withAppid
      />
      <SelectField
        label={t('field.format')}
        help={t(`formatHelp.${values.format}`)}
        value={values.format}
        error={errors.format}
        options={[
          { value: 'json', label: t('format.json') },
          { value: 'raw', label: t('format.raw') },
        ]}
        onChange={(format) => {
          set('format', format);
        }}
      />
      {values.format === 'json' && (
        <TextField
          label={t('field.lists')}
          help={t('listsHelp')}
          placeholder="SubscribeMsgPopupEvent.List"
          value={values.lists}
          error={errors.lists}
          onChange={(lists) => {
            set('lists', lists);
          }}
        />
      )}
      <ScheduleFields form={form} />
      <PaceFields form={form} />
    </FormDialog>
  );
}
