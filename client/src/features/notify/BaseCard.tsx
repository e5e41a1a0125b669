import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { errorText } from '@/components/errorText';
import { TextField } from '@/components/Field';
import { Notice } from '@/components/Notice';
import { QueryView } from '@/components/states';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { baseQuery, saveBase } from './queries';
import styles from './notify.module.css';

/** The address by which messages lead back to the dashboard. */
export function BaseCard() {
  const { t } = useTranslation('notify');
  const query = useQuery(baseQuery);
  return (
    <Card title={t('base.title')} description={t('base.text')}>
      <QueryView query={query} lines={2}>
        {(baseUrl) => <BaseForm initial={baseUrl} />}
      </QueryView>
    </Card>
  );
}

function BaseForm({ initial }: { initial: string }) {
  const { t } = useTranslation('notify');
  const client = useQueryClient();
  const here = window.location.origin;
  const form = useForm({
    initial: { baseUrl: initial },
    submit: async ({ baseUrl }) => {
      await saveBase(baseUrl.trim());
      await client.invalidateQueries({ queryKey: baseQuery.queryKey });
      toast.ok(t('base.saved'));
    },
  });
  return (
    <form className={styles.narrow} onSubmit={form.onSubmit} noValidate>
      <TextField
        label={t('base.label')}
        help={t('base.help')}
        inputMode="url"
        maxLength={200}
        placeholder="https://wx.example.com"
        value={form.values.baseUrl}
        error={form.errors.baseUrl}
        onChange={(value) => {
          form.set('baseUrl', value);
        }}
      />
      {form.failure !== null && (
        <Notice tone="error" live>
          {errorText(t, form.failure).message}
        </Notice>
      )}
      <div className={styles.buttons}>
        <Button type="submit" loading={form.busy}>
          {t('common:action.save')}
        </Button>
        {form.values.baseUrl.trim() !== here && (
          <Button
            variant="text"
            onClick={() => {
              form.set('baseUrl', here);
            }}
          >
            {t('base.here', { here })}
          </Button>
        )}
      </div>
    </form>
  );
}
