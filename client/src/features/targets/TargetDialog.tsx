import { useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { AddressFields } from '@/components/AddressFields';
import { Button } from '@/components/Button';
import { errorText } from '@/components/errorText';
import { SelectField, TextField } from '@/components/Field';
import { Notice } from '@/components/Notice';
import { Dialog } from '@/components/Overlay';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { blank, fromTarget, problems } from './form';
import { PaceFields } from './PaceFields';
import { addTarget, changeTarget, type Target, targetKeys } from './queries';
import { ScheduleFields } from './ScheduleFields';
import styles from './targets.module.css';

interface Props {
  /** The one to change; none to add one. */
  target?: Target;
  onSecret: (name: string, secret: string) => void;
  onClose: () => void;
}

export function TargetDialog({ target, onSecret, onClose }: Props) {
  const { t } = useTranslation('targets');
  const client = useQueryClient();
  const formId = useId();
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
    <Dialog
      title={t(target ? 'edit.title' : 'add')}
      width={640}
      onClose={onClose}
      footer={
        <>
          <Button variant="outline" theme="default" disabled={form.busy} onClick={onClose}>
            {t('common:action.cancel')}
          </Button>
          <Button type="submit" form={formId} loading={form.busy}>
            {t('common:action.save')}
          </Button>
        </>
      }
    >
      <form id={formId} className={styles.form} onSubmit={form.onSubmit} noValidate>
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
        <ScheduleFields form={form} />
        <PaceFields form={form} />
        {form.failure !== null && (
          <Notice tone="error" live>
            {errorText(t, form.failure).message}
          </Notice>
        )}
      </form>
    </Dialog>
  );
}
