import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { CodeView } from '@/components/CodeView';
import { StatusTag } from '@/components/StatusTag';
import { QueryView } from '@/components/states';
import { TimeText } from '@/components/TimeText';
import { milliseconds } from './names';
import { type Attempt, failuresQuery } from './queries';
import styles from './targets.module.css';

/** The newest calls of a target that failed, and why. */
export function Failures({ target }: { target: string }) {
  const { t } = useTranslation('targets');
  const query = useQuery(failuresQuery(target));
  return (
    <section className={styles.section}>
      <h3>{t('failures.title')}</h3>
      <QueryView query={query} lines={4}>
        {(attempts) =>
          attempts.length === 0 ? (
            <p className={styles.muted}>{t('failures.none')}</p>
          ) : (
            <ul className={styles.failures}>
              {attempts.map((attempt) => (
                <Failure key={attempt.id} attempt={attempt} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </section>
  );
}

function Failure({ attempt }: { attempt: Attempt }) {
  const { t } = useTranslation('targets');
  const { time, status, error, event, appid, durationMs, answer, cause } = attempt;
  return (
    <li>
      <div className={styles.failureHead}>
        <StatusTag tone="error">{status ? `HTTP ${status}` : t('failures.noAnswer')}</StatusTag>
        <TimeText at={Math.floor(time / 1000)} />
        <span className={styles.muted}>
          {t(`cause.${cause}` as 'cause.push', { defaultValue: cause })} ·{' '}
          {t('failures.attempt', { attempt: attempt.attempt })} · {milliseconds(durationMs)}
        </span>
      </div>
      <div className={styles.failureText}>
        <code>{event}</code> <code>{appid}</code> {error}
      </div>
      {answer && (
        <details>
          <summary>{t('failures.answer')}</summary>
          <CodeView text={answer} label={t('failures.answer')} />
        </details>
      )}
    </li>
  );
}
