import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { FailureNotice } from '@/components/FailureNotice';
import { TextAreaField } from '@/components/Field';
import { QueryView } from '@/components/states';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { isWebAddress } from './names';
import { redirectsQuery, saveRedirects } from './queries';
import styles from './authlinks.module.css';

/** Where merchants may be sent on to: nobody can make a link of ours that leads anywhere else. */
export function RedirectCard() {
  const { t } = useTranslation('authlinks');
  const query = useQuery(redirectsQuery);
  return (
    <Card title={t('redirect.title')} description={t('redirect.text')}>
      <QueryView query={query} lines={3}>
        {(allowed) => <RedirectForm allowed={allowed} />}
      </QueryView>
    </Card>
  );
}

function linesOf(text: string): string[] {
  return [...new Set(text.split('\n').map((line) => line.trim()))].filter(Boolean);
}

function RedirectForm({ allowed }: { allowed: string[] }) {
  const { t } = useTranslation('authlinks');
  const client = useQueryClient();
  const form = useForm({
    initial: { allowed: allowed.join('\n') },
    check: (values) => {
      const wrong = linesOf(values.allowed).find((line) => !isWebAddress(line));
      return wrong ? { allowed: t('redirect.wrong', { line: wrong }) } : {};
    },
    submit: async (values) => {
      await saveRedirects(linesOf(values.allowed));
      void client.invalidateQueries({ queryKey: redirectsQuery.queryKey });
      toast.ok(t('redirect.saved'));
    },
  });
  return (
    <form className={styles.narrow} onSubmit={form.onSubmit} noValidate>
      <TextAreaField
        label={t('redirect.label')}
        help={t('redirect.help')}
        mono
        rows={4}
        value={form.values.allowed}
        error={form.errors.allowed}
        onChange={(value) => {
          form.set('allowed', value);
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
