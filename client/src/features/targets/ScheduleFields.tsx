import { useTranslation } from 'react-i18next';
import { TextField } from '@/components/Field';
import { Segmented } from '@/components/Segmented';
import { parsePauses, usualPauses } from '@/lib/schedule';
import type { TargetFormState } from './form';
import { scheduleText } from './names';
import styles from './targets.module.css';

/** When a delivery that failed is tried again. */
export function ScheduleFields({ form }: { form: TargetFormState }) {
  const { t } = useTranslation('targets');
  const { values, errors, set } = form;
  const own = values.schedule === 'own';
  const pauses = own ? parsePauses(values.pauses) : usualPauses;
  return (
    <div className={styles.group}>
      <span className={styles.label} aria-hidden="true">
        {t('field.schedule')}
      </span>
      <div>
        <Segmented
          label={t('field.schedule')}
          value={values.schedule}
          items={[
            { value: 'usual', label: t('schedule.usual') },
            { value: 'own', label: t('schedule.own') },
          ]}
          onChange={(schedule) => {
            set('schedule', schedule);
          }}
        />
      </div>
      {own && (
        <TextField
          label={t('field.pauses')}
          help={t('schedule.help')}
          mono
          placeholder="10s, 1m, 10m, 1h, 6h"
          value={values.pauses}
          error={errors.pauses}
          onChange={(value) => {
            set('pauses', value);
          }}
        />
      )}
      {pauses && pauses.length > 0 && <p className={styles.muted}>{scheduleText(t, pauses)}</p>}
    </div>
  );
}
