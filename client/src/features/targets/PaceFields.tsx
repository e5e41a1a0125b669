import { useTranslation } from 'react-i18next';
import { SwitchField, TextField } from '@/components/Field';
import type { TargetFormState } from './form';
import styles from './targets.module.css';

const usual = { timeoutMs: '15000', concurrency: '16', rate: '' };

/** How fast the target is served. */
export function PaceFields({ form }: { form: TargetFormState }) {
  const { t } = useTranslation('targets');
  const { values, errors, set } = form;
  return (
    <>
      <div className={styles.fields}>
        {(['timeoutMs', 'concurrency', 'rate'] as const).map((member) => (
          <TextField
            key={member}
            label={t(`field.${member}`)}
            help={t(`help.${member}`)}
            inputMode="numeric"
            placeholder={usual[member] || t('hint.unlimited')}
            value={values[member]}
            error={errors[member]}
            onChange={(value) => {
              set(member, value.trim());
            }}
          />
        ))}
      </div>
      <SwitchField
        label={t('field.ordered')}
        help={t('help.ordered')}
        checked={values.ordered}
        onChange={(ordered) => {
          set('ordered', ordered);
        }}
      />
    </>
  );
}
