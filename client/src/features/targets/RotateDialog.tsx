import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { PasswordField, SelectField } from '@/components/Field';
import { FormDialog } from '@/components/FormDialog';
import { useForm } from '@/hooks/useForm';
import { rotateSecret, type Target, targetKeys } from './queries';

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
  const form = useForm({
    initial: { overlapHours: '24' as (typeof overlaps)[number], secret: '' },
    submit: async ({ overlapHours, secret }) => {
      const fresh = await rotateSecret(id, Number(overlapHours), secret.trim());
      void client.invalidateQueries({ queryKey: targetKeys.all });
      onSecret(name, fresh);
    },
  });
  return (
    <FormDialog
      title={t('rotate.title', { name })}
      width={480}
      form={form}
      onClose={onClose}
      submit={t('deed.rotate')}
    >
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
    </FormDialog>
  );
}
