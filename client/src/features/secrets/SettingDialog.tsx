import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { PasswordField } from '@/components/Field';
import { FormDialog } from '@/components/FormDialog';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';

interface Props {
  name: string;
  label: string;
  check: (value: string) => string | undefined;
  save: (value: string) => Promise<void>;
  onClose: () => void;
}

export function SettingDialog({ name, label, check, save, onClose }: Props) {
  const { t } = useTranslation('secrets');
  const queryClient = useQueryClient();
  const form = useForm<Record<string, string>>({
    initial: { [name]: '' },
    check: (values) => {
      const wrong = check((values[name] ?? '').trim());
      return wrong ? { [name]: wrong } : {};
    },
    submit: async (values) => {
      await save((values[name] ?? '').trim());
      await queryClient.invalidateQueries({ queryKey: ['settings'] });
      await queryClient.invalidateQueries({ queryKey: ['overview'] });
      toast.ok(t('saved', { label }));
      onClose();
    },
  });
  return (
    <FormDialog title={t('dialog', { label })} form={form} onClose={onClose}>
      <PasswordField
        label={label}
        help={t('dialogHelp')}
        autoComplete="off"
        data-autofocus
        value={form.values[name] ?? ''}
        error={form.errors[name]}
        onChange={(value) => {
          form.set(name, value);
        }}
      />
    </FormDialog>
  );
}
