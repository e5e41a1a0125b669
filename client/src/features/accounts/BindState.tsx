import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { FailureNotice } from '@/components/FailureNotice';
import { TextField } from '@/components/Field';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { accountKeys, bindState } from './queries';
import styles from './accounts.module.css';

/** The provider's own id of the merchant, by which its systems find the account. */
export function BindState({ appid, state }: { appid: string; state: string }) {
  const { t } = useTranslation('accounts');
  const client = useQueryClient();
  const form = useForm({
    initial: { state },
    check: (values) => (values.state.length > 128 ? { state: t('bind.tooLong') } : {}),
    submit: async (values) => {
      await bindState(appid, values.state.trim());
      await client.invalidateQueries({ queryKey: accountKeys.detail(appid) });
      toast.ok(t('bind.saved'));
    },
  });
  return (
    <form className={styles.bind} onSubmit={form.onSubmit} noValidate>
      <TextField
        label={t('bind.label')}
        help={t('bind.help')}
        mono
        value={form.values.state}
        error={form.errors.state}
        onChange={(value) => {
          form.set('state', value);
        }}
      />
      <Button
        type="submit"
        variant="outline"
        theme="default"
        loading={form.busy}
        disabled={form.values.state.trim() === state}
      >
        {t('common:action.save')}
      </Button>
      <FailureNotice error={form.failure} />
    </form>
  );
}
