import { useTranslation } from 'react-i18next';
import { StatusTag } from '@/components/StatusTag';
import { currentTag } from '@/lib/i18n';
import { formatTime } from '@/lib/time';
import type { Attempt } from './queries';
import styles from './DeliveryLog.module.css';

/** What the service says of a call that took too long. */
const late = 'the target did not answer in time';

/** The calls of one target, newest first. */
export function AttemptList({ attempts }: { attempts: Attempt[] }) {
  const { t } = useTranslation('messages');
  if (attempts.length === 0) return <p className={styles.quiet}>{t('log.noCalls')}</p>;
  return (
    <ol className={styles.attempts} aria-label={t('log.calls')}>
      {attempts.map((attempt) => (
        <AttemptRow key={attempt.id} attempt={attempt} />
      ))}
    </ol>
  );
}

function AttemptRow({ attempt }: { attempt: Attempt }) {
  const { t } = useTranslation('messages');
  const reason =
    attempt.error === `the target answered HTTP ${attempt.status}` ? '' : attempt.error;
  const took = new Intl.NumberFormat(currentTag()).format(attempt.durationMs);
  return (
    <li className={styles.attempt}>
      <p className={styles.line}>
        <StatusTag tone={attempt.ok ? 'ok' : 'error'}>
          {attempt.status ? `HTTP ${attempt.status}` : t('log.noAnswer')}
        </StatusTag>
        <span>{t('log.attempt', { n: attempt.attempt })}</span>
        <span>{t(`log.cause.${attempt.cause}`, { defaultValue: attempt.cause })}</span>
        <time dateTime={new Date(attempt.time).toISOString()}>
          {formatTime(Math.floor(attempt.time / 1000))}
        </time>
        <span>{attempt.durationMs < 1 ? '<1' : took} ms</span>
      </p>
      {reason && <p className={styles.error}>{reason === late ? t('log.late') : reason}</p>}
      {attempt.answer && (
        <details>
          <summary>{t('log.answer')}</summary>
          <pre className={styles.answer} tabIndex={0} aria-label={t('log.answer')}>
            {attempt.answer}
          </pre>
        </details>
      )}
    </li>
  );
}
