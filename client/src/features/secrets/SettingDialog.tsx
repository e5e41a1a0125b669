import { Button } from '@/components/Button';
import { useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { FailureNotice } from '@/components/FailureNotice';
import { PasswordField } from '@/components/Field';
import { Dialog } from '@/components/Overlay';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import styles from './SettingDialog.module.css';

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
  const formId = useId();
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
    <Dialog
      title={t('dialog', { label })}
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
        <FailureNotice error={form.failure} />
      </form>
    </Dialog>
  );
}
