import { useTranslation } from 'react-i18next';
import type { Overview } from './queries';
import styles from './Checklist.module.css';

/** What was refused within the last hour: how often, what it means and what to do. */
export function RefusalList({ refusals }: Pick<Overview, 'refusals'>) {
  const { t, i18n } = useTranslation('overview');
  if (refusals.length === 0) return null;
  return (
    <ul className={styles.reasons}>
      {refusals.map(({ area, reason, count }) => {
        const key = `refusal.${area}.${reason}`;
        const text = i18n.exists(`overview:${key}`) ? t(key) : `${area}: ${reason}`;
        return (
          <li key={key}>
            <b>{t('refusals.times', { count })}</b> {text}
          </li>
        );
      })}
    </ul>
  );
}
