import { useTranslation } from 'react-i18next';
import { Notice } from '@/components/Notice';
import { StatusTag, type Tone } from '@/components/StatusTag';
import { TimeText } from '@/components/TimeText';
import type { SyncJob } from './queries';
import styles from './accounts.module.css';

const tones: Record<string, Tone> = { done: 'ok', failed: 'error', cancelled: 'plain' };

/** How the newest sync ended, with what went wrong account by account. */
export function SyncResult({ job }: { job: SyncJob | undefined }) {
  const { t } = useTranslation('accounts');
  if (!job?.jobId || !job.progress || !job.state) {
    return <p className={styles.muted}>{t('sync.never')}</p>;
  }
  const { total, added, vanished, failed, incomplete, errors } = job.progress;
  return (
    <div className={styles.sync}>
      <p className={styles.syncLine}>
        <StatusTag tone={tones[job.state] ?? 'plain'}>
          {t(`sync.state.${job.state}` as 'sync.state.done')}
        </StatusTag>
        <TimeText at={job.updateTime} relative />
        <span>{t('sync.sum', { total, added, vanished, failed })}</span>
      </p>
      {incomplete && <Notice tone="warn">{t('sync.incomplete')}</Notice>}
      {errors.length > 0 && (
        <details>
          <summary>{t('sync.errors', { count: errors.length })}</summary>
          <ul className={styles.errors}>
            {errors.map(({ appid, errcode, message }, at) => (
              <li key={at}>
                <code>{appid ?? t('sync.wholeList')}</code>
                <span>{errcode ? `${errcode} ${message}` : message}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
