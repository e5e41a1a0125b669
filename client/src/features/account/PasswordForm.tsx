import { Button } from '@/components/Button';
import { useTranslation } from 'react-i18next';
import { session } from '@/api/session';
import { Card } from '@/components/Card';
import { FailureNotice } from '@/components/FailureNotice';
import { PasswordField } from '@/components/Field';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { changePassword } from './account';
import styles from './forms.module.css';

const shortest = 8;

/** The service judges the new password as well; what can be told at once is told here. */
export function PasswordForm() {
  const { t } = useTranslation('account');
  const form = useForm({
    initial: { oldPassword: '', password: '', repeated: '' },
    check: ({ oldPassword, password, repeated }) => ({
      ...(!oldPassword && { oldPassword: t('password.oldMissing') }),
      ...([...password].length < shortest && { password: t('password.short', { shortest }) }),
      ...(password && password === oldPassword && { password: t('password.same') }),
      ...(password !== repeated && { repeated: t('password.differs') }),
    }),
    submit: async ({ oldPassword, password }) => {
      await changePassword(oldPassword, password);
      toast.ok(t('password.done'));
      session.end('logout'); // the service has ended it already
    },
  });
  const fields = [
    ['oldPassword', 'current-password'],
    ['password', 'new-password'],
    ['repeated', 'new-password'],
  ] as const;
  return (
    <Card title={t('password.title')} description={t('password.text')}>
      <form className={styles.form} onSubmit={form.onSubmit} noValidate>
        {fields.map(([name, autoComplete]) => (
          <PasswordField
            key={name}
            label={t(`password.${name}`)}
            autoComplete={autoComplete}
            value={form.values[name]}
            error={form.errors[name]}
            onChange={(value) => {
              form.set(name, value);
            }}
          />
        ))}
        <FailureNotice error={form.failure} />
        <div>
          <Button type="submit" loading={form.busy}>
            {t('password.submit')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
