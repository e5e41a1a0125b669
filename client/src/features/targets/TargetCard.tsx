import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { SparkBars } from '@/components/SparkBars';
import { StatusTag } from '@/components/StatusTag';
import { currentTag } from '@/lib/i18n';
import { formatRelative } from '@/lib/time';
import { useNow } from '@/hooks/useNow';
import type { Deed } from './DeedDialog';
import { DeedMenu } from './DeedMenu';
import { addressOf, counted, milliseconds, number, pauseReason, stateOf, successOf } from './names';
import { lastDay } from './points';
import type { Target } from './queries';
import { ResumeButton } from './ResumeButton';
import styles from './targets.module.css';

interface Props {
  target: Target;
  onOpen: () => void;
  onDeed: (deed: Deed) => void;
}

/** One target at a glance. */
export function TargetCard({ target, onOpen, onDeed }: Props) {
  const { t } = useTranslation('targets');
  const { name, health, paused } = target;
  const { tone, text } = stateOf(t, target);
  return (
    <article className={styles.card} aria-label={name}>
      <header className={styles.cardHead}>
        <div className={styles.cardTitles}>
          <h2>
            <button type="button" className={styles.cardName} onClick={onOpen}>
              {name}
            </button>
          </h2>
          <code>{addressOf(target)}</code>
        </div>
        <StatusTag tone={tone}>{text}</StatusTag>
      </header>
      <StateNote target={target} />
      <dl className={styles.figures}>
        <Figure name={t('figure.success')} value={successOf(health)} />
        <Figure name={t('figure.delivered')} value={number(health.delivered)} />
        <Figure name={t('figure.failed')} value={number(health.failed)} bad={health.failed > 0} />
        <Figure name={t('figure.average')} value={milliseconds(average(target))} />
        <Figure name={t('figure.pending')} value={counted(health.pending)} />
        <Figure name={t('figure.dead')} value={counted(health.dead)} bad={health.dead > 0} />
      </dl>
      <Spark target={target} />
      <footer className={styles.cardFoot}>
        <Button variant="outline" theme="default" size="small" onClick={onOpen}>
          {t('details')}
        </Button>
        <Button
          variant="outline"
          theme="default"
          size="small"
          icon="send"
          aria-label={t('test.button', { name })}
          onClick={() => {
            onDeed('test');
          }}
        >
          {t('deed.test')}
        </Button>
        {paused && <ResumeButton target={target} />}
        <DeedMenu target={target} onDeed={onDeed} />
      </footer>
    </article>
  );
}

const average = ({ health }: Target) =>
  health.delivered + health.failed > 0 ? health.averageMs : NaN;

/** Why it is not called, where it is not. */
function StateNote({ target }: { target: Target }) {
  const { t } = useTranslation('targets');
  const now = useNow();
  const { paused, pauseTime, health } = target;
  if (!paused && health.breaker === 'closed') return null;
  const since = formatRelative(
    (paused ? pauseTime : health.breakerSince) ?? now,
    currentTag(),
    now,
  );
  return (
    <p className={styles.note}>
      {paused
        ? t('pause.since', { since, reason: pauseReason(t, target) })
        : stateOf(t, target).about}
    </p>
  );
}

function Figure({ name, value, bad }: { name: string; value: string; bad?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={bad ? styles.bad : undefined}>{value}</dd>
    </div>
  );
}

function Spark({ target }: { target: Target }) {
  const { t } = useTranslation('targets');
  const { delivered, failed } = target.health;
  const hours = lastDay(target.health.points, useHour());
  return (
    <SparkBars
      summary={t('chart.day', { delivered: number(delivered), failed: number(failed) })}
      series={[
        { name: t('figure.delivered'), values: hours.map((each) => each.delivered) },
        {
          name: t('figure.failed'),
          values: hours.map((each) => each.failed),
          color: 'var(--td-error-color)',
        },
      ]}
    />
  );
}

/** The present hour, so that the picture moves on with it. */
function useHour(): number {
  return Math.floor(useNow() / 3600);
}
