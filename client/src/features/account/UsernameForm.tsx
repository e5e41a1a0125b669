import { Button } from '@/components/Button';
import { useTranslation } from 'react-i18next';
import { session } from '@/api/session';
import { Card } from '@/components/Card';
import { FailureNotice } from '@/components/FailureNotice';
import { TextField } from '@/components/Field';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { changeUsername } from './account';
import styles from './forms.module.css';

const longest = 32;

export function UsernameForm() {
  const { t } = useTranslation('account');
  const form = useForm({
    initial: { username: '' },
    check: ({ username }) => {
      const length = [...username.trim()].length;
      return length < 1 || length > longest ? { username: t('username.length', { longest }) } : {};
    },
    submit: async ({ username }) => {
      await changeUsername(username.trim());
      toast.ok(t('username.done'));
      session.end('logout'); // the service has ended it already
    },
  });
  return (
    <Card title={t('username.title')} description={t('username.text')}>
      <form className={styles.form} onSubmit={form.onSubmit} noValidate>
        <TextField
          label={t('username.label')}
          autoComplete="username"
          autoCapitalize="off"
          value={form.values.username}
          error={form.errors.username}
          onChange={(value) => {
            form.set('username', value);
          }}
        />
        <FailureNotice error={form.failure} />
        <div>
          <Button type="submit" loading={form.busy}>
            {t('username.submit')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
