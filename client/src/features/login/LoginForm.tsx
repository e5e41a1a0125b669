import { useTranslation } from 'react-i18next';
import { logIn } from '@/api/login';
import { FailureNotice } from '@/components/FailureNotice';
import { PasswordField, TextField } from '@/components/Field';
import { Button } from '@/components/Button';
import { useForm } from '@/hooks/useForm';
import styles from './LoginForm.module.css';

/** Asks for user name and password. The login itself is announced by the session, not by a callback. */
export function LoginForm() {
  const { t } = useTranslation('login');
  const form = useForm({
    initial: { username: '', password: '' },
    check: ({ username, password }) => ({
      ...(!username.trim() && { username: t('username.missing') }),
      ...(!password && { password: t('password.missing') }),
    }),
    submit: ({ username, password }) => logIn(username.trim(), password),
  });
  return (
    <form className={styles.form} onSubmit={form.onSubmit} noValidate>
      <FailureNotice error={form.failure} />
      <TextField
        label={t('username.label')}
        name="username"
        autoComplete="username"
        autoCapitalize="off"
        autoFocus
        value={form.values.username}
        error={form.errors.username}
        onChange={(value) => {
          form.set('username', value);
        }}
      />
      <PasswordField
        label={t('password.label')}
        name="password"
        autoComplete="current-password"
        value={form.values.password}
        error={form.errors.password}
        onChange={(value) => {
          form.set('password', value);
        }}
      />
      <Button type="submit" size="large" block loading={form.busy}>
        {t('submit')}
      </Button>
    </form>
  );
}
