import { useTranslation } from 'react-i18next';
import styles from './JobProgress.module.css';

interface Props {
  /** Names the job: "Syncing accounts". */
  label: string;
  done: number;
  /** 0 while it is not known how much there is to do. */
  total: number;
  failed?: number;
}

/** How far a background job has come. */
export function JobProgress({ label, done, total, failed = 0 }: Props) {
  const { t } = useTranslation();
  const known = total > 0;
  return (
    <div className={styles.job}>
      <div className={styles.words}>
        <span>{label}</span>
        <span aria-live="polite">
          {known ? t('job.progress', { done, total }) : t('job.starting')}
          {failed > 0 && <em>{t('job.failed', { count: failed })}</em>}
        </span>
      </div>
      <progress
        aria-label={label}
        className={styles.bar}
        max={1}
        {...(known && { value: done / total })}
      />
    </div>
  );
}
