import { useTranslation } from 'react-i18next';
import { PasswordField, SelectField, TextField } from '@/components/Field';
import type { RuleFormState } from './form';
import styles from './rules.module.css';

/** How the pushes are handed over. */
export function DeliveryFields({ form }: { form: RuleFormState }) {
  const { t } = useTranslation('rules');
  const { values, errors, set } = form;
  return (
    <>
      <div className={styles.fields}>
        <SelectField
          label={t('field.mode')}
          help={t(`modeHelp.${values.mode}`)}
          value={values.mode}
          error={errors.mode}
          options={[
            { value: 'sync', label: t('mode.sync') },
            { value: 'async', label: t('mode.async') },
          ]}
          onChange={(mode) => {
            set('mode', mode);
          }}
        />
        <TextField
          label={t('field.timeoutMs')}
          help={t(`timeoutHelp.${values.mode}`)}
          inputMode="numeric"
          placeholder={values.mode === 'sync' ? '4500' : '15000'}
          value={values.timeoutMs}
          error={errors.timeoutMs}
          onChange={(value) => {
            set('timeoutMs', value.trim());
          }}
        />
      </div>
      <PasswordField
        label={t('field.secret')}
        help={t('help.secret')}
        autoComplete="new-password"
        value={values.secret}
        error={errors.secret}
        onChange={(value) => {
          set('secret', value);
        }}
      />
    </>
  );
}
