import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { FailureNotice } from '@/components/FailureNotice';
import { SwitchField, TextField } from '@/components/Field';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { proxyQuery, type ProxyState, saveProxy } from './queries';
import styles from './proxy.module.css';

export function ProxyForm({ state }: { state: ProxyState }) {
  const { t } = useTranslation('proxy');
  const client = useQueryClient();
  const form = useForm({
    initial: { open: state.open, port: state.port ? String(state.port) : '' },
    check: ({ open, port }) => {
      const number = Number(port);
      const fits = Number.isInteger(number) && number >= 0 && number <= 65535;
      return fits && !(open && number === 0) ? {} : { port: t('badPort') };
    },
    submit: async ({ open, port }) => {
      await saveProxy(open, Number(port));
      await client.invalidateQueries({ queryKey: proxyQuery.queryKey });
      toast.ok(t(open ? 'savedOn' : 'savedOff'));
    },
  });
  return (
    <form className={styles.form} onSubmit={form.onSubmit} noValidate>
      <SwitchField
        label={t('open')}
        checked={form.values.open}
        onChange={(open) => {
          form.set('open', open);
        }}
      />
      <TextField
        label={t('port')}
        help={t('portHelp')}
        inputMode="numeric"
        placeholder="8081"
        value={form.values.port}
        error={form.errors.port}
        onChange={(value) => {
          form.set('port', value.trim());
        }}
      />
      <FailureNotice error={form.failure} />
      <div>
        <Button type="submit" loading={form.busy}>
          {t('common:action.save')}
        </Button>
      </div>
    </form>
  );
}
