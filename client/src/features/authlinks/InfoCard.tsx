import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { FailureNotice } from '@/components/FailureNotice';
import { TextAreaField, TextField } from '@/components/Field';
import { QueryView } from '@/components/states';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { isWebAddress } from './names';
import { type ComponentInfo, infoQuery, saveInfo } from './queries';
import styles from './authlinks.module.css';

/** What merchants see of the platform. */
export function InfoCard() {
  const { t } = useTranslation('authlinks');
  const query = useQuery(infoQuery);
  return (
    <Card title={t('info.title')} description={t('info.text')}>
      <QueryView query={query}>{(info) => <InfoForm info={info} />}</QueryView>
    </Card>
  );
}

function InfoForm({ info }: { info: ComponentInfo }) {
  const { t } = useTranslation('authlinks');
  const client = useQueryClient();
  const form = useForm({
    initial: { name: info.name, desc: info.desc, redirectUrl: info.redirectUrl },
    check: ({ redirectUrl }) =>
      redirectUrl.trim() && !isWebAddress(redirectUrl.trim())
        ? { redirectUrl: t('problem.url') }
        : {},
    submit: async ({ name, desc, redirectUrl }) => {
      await saveInfo({
        name: name.trim(),
        desc: desc.trim(),
        redirectUrl: redirectUrl.trim(),
      });
      void client.invalidateQueries({ queryKey: infoQuery.queryKey });
      toast.ok(t('info.saved'));
    },
  });
  return (
    <form className={styles.narrow} onSubmit={form.onSubmit} noValidate>
      <TextField
        label={t('info.name')}
        maxLength={64}
        value={form.values.name}
        error={form.errors.name}
        onChange={(value) => {
          form.set('name', value);
        }}
      />
      <TextAreaField
        label={t('info.desc')}
        maxLength={512}
        rows={3}
        value={form.values.desc}
        error={form.errors.desc}
        onChange={(value) => {
          form.set('desc', value);
        }}
      />
      <TextField
        label={t('info.redirectUrl')}
        help={t('info.redirectHelp')}
        mono
        inputMode="url"
        maxLength={1024}
        value={form.values.redirectUrl}
        error={form.errors.redirectUrl}
        onChange={(value) => {
          form.set('redirectUrl', value);
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
