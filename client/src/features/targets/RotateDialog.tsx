import { useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { errorText } from '@/components/errorText';
import { PasswordField, SelectField } from '@/components/Field';
import { Notice } from '@/components/Notice';
import { Dialog } from '@/components/Overlay';
import { useForm } from '@/hooks/useForm';
import { rotateSecret, type Target, targetKeys } from './queries';
import styles from './targets.module.css';

interface Props {
  target: Target;
  onSecret: (name: string, secret: string) => void;
  onClose: () => void;
}

const overlaps = ['0', '1', '24', '72', '168'] as const; // hours

/** Gives a target a new signing secret, the old one signing beside it for a while. */
export function RotateDialog({ target: { id, name }, onSecret, onClose }: Props) {
  const { t } = useTranslation('targets');
  const client = useQueryClient();
  const formId = useId();
  const form = useForm({
    initial: { overlapHours: '24' as (typeof overlaps)[number], secret: '' },
    submit: async ({ overlapHours, secret }) => {
      const fresh = await rotateSecret(id, Number(overlapHours), secret.trim());
      void client.invalidateQueries({ queryKey: targetKeys.all });
      onSecret(name, fresh);
    },
  });
  return (
    <Dialog
      title={t('rotate.title', { name })}
      width={480}
      onClose={onClose}
      footer={
        <>
          <Button variant="outline" theme="default" disabled={form.busy} onClick={onClose}>
            {t('common:action.cancel')}
          </Button>
          <Button type="submit" form={formId} loading={form.busy}>
            {t('deed.rotate')}
          </Button>
        </>
      }
    >
      <form id={formId} className={styles.form} onSubmit={form.onSubmit} noValidate>
        <SelectField
          label={t('rotate.overlap')}
          help={t('rotate.overlapHelp')}
          value={form.values.overlapHours}
          error={form.errors.overlapHours}
          options={overlaps.map((value) => ({ value, label: t(`rotate.hours.${value}`) }))}
          onChange={(value) => {
            form.set('overlapHours', value);
          }}
        />
        <PasswordField
          label={t('rotate.own')}
          help={t('rotate.ownHelp')}
          autoComplete="new-password"
          value={form.values.secret}
          error={form.errors.secret}
          onChange={(value) => {
            form.set('secret', value);
          }}
        />
        {form.failure !== null && (
          <Notice tone="error" live>
            {errorText(t, form.failure).message}
          </Notice>
        )}
      </form>
    </Dialog>
  );
}
