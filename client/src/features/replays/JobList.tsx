import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { JobProgress } from '@/components/JobProgress';
import { StatusTag, type Tone } from '@/components/StatusTag';
import { Empty, QueryView } from '@/components/states';
import { TimeText } from '@/components/TimeText';
import { useDestinations } from '@/hooks/useDestinations';
import { currentTag } from '@/lib/i18n';
import { formatTime } from '@/lib/time';
import { isMoving, type Job, jobsQuery, useCancel } from './queries';
import styles from './replays.module.css';

/** The newest replays. */
export function JobList({ onAdd }: { onAdd: () => void }) {
  const { t } = useTranslation('replays');
  const query = useQuery(jobsQuery);
  const { nameOf } = useDestinations();
  return (
    <Card
      title={t('jobs.title')}
      description={t('jobs.about')}
      actions={
        <Button icon="plus" onClick={onAdd}>
          {t('jobs.add')}
        </Button>
      }
    >
      <QueryView query={query}>
        {({ jobs }) =>
          jobs.length === 0 ? (
            <Empty icon="refresh" title={t('jobs.none')}>
              {t('jobs.noneText')}
            </Empty>
          ) : (
            <ul className={styles.jobs}>
              {jobs.map((job) => (
                <JobRow key={job.jobId} job={job} target={nameOf(job.target)} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </Card>
  );
}

const tones: Record<string, Tone> = {
  waiting: 'info',
  running: 'info',
  done: 'ok',
  failed: 'error',
  cancelled: 'plain',
};

function JobRow({ job, target }: { job: Job; target: string }) {
  const { t } = useTranslation('replays');
  const cancel = useCancel();
  const number = (n: number) => new Intl.NumberFormat(currentTag()).format(n);
  const { done, total } = progressOf(job);
  return (
    <li className={styles.job}>
      <div className={styles.head}>
        <StatusTag tone={tones[job.state] ?? 'plain'}>
          {t(`state.${job.state}`, { defaultValue: job.state })}
        </StatusTag>
        <strong>{t(job.source === 'dead' ? 'jobs.dead' : 'jobs.pushes', { target })}</strong>
        <span className={styles.quiet}>
          <TimeText at={job.createTime / 1000} relative />
        </span>
        {isMoving(job) && (
          <Button
            size="small"
            variant="outline"
            theme="default"
            loading={cancel.isPending}
            onClick={() => {
              cancel.mutate(job.jobId);
            }}
          >
            {t('jobs.cancel')}
          </Button>
        )}
      </div>
      <Scope job={job} />
      {isMoving(job) && <JobProgress label={t('jobs.progress')} done={done} total={total} />}
      <p className={styles.figures}>
        {t('jobs.figures', { sent: number(job.sent), skipped: number(job.skipped) })}
      </p>
      {job.lastError && <p className={styles.error}>{job.lastError}</p>}
    </li>
  );
}

/** What a replay was asked for besides its target. */
function Scope({ job }: { job: Job }) {
  const { t } = useTranslation('replays');
  const parts = [
    job.source === 'pushes' && t(`channel.${job.channel ?? 'biz'}`),
    job.appid,
    job.missing && t('jobs.missing'),
    job.from > 0 && t('jobs.from', { time: formatTime(job.from) }),
    job.to > 0 && t('jobs.to', { time: formatTime(job.to) }),
    t('jobs.rate', { count: job.rate }),
  ];
  return <p className={styles.quiet}>{parts.filter(Boolean).join(' · ')}</p>;
}

/** By number where that is known, otherwise by the time that the job has come to. */
function progressOf({ total, sent, skipped, position, from, to }: Job) {
  if (total) return { done: Math.min(sent + skipped, total), total };
  if (!position || to <= from) return { done: 0, total: 0 };
  const percent = Math.round((100 * (position - from)) / (to - from));
  return { done: Math.min(Math.max(percent, 0), 100), total: 100 };
}
