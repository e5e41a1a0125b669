import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { inLanguage } from '@/components/errorText';
import { Icon, type IconName } from '@/components/Icon';
import { cx } from '@/lib/cx';
import { currentTag } from '@/lib/i18n';
import { formatTime } from '@/lib/time';
import type { CheckStep } from './queries';
import styles from './releaseCheck.module.css';

const signs = {
  ok: 'check',
  failed: 'error',
  retrying: 'refresh',
  waiting: null,
  missing: null,
  skipped: null,
} as const satisfies Record<string, IconName | null>;

type StepState = keyof typeof signs;

function stateOf({ state }: CheckStep): StepState {
  return state in signs ? (state as StepState) : 'missing';
}

/** One step: what it is, how it went and when, and what to do if it failed. */
export function StepRow({ step }: { step: CheckStep }) {
  const { t } = useTranslation('releaseCheck');
  const state = stateOf(step);
  const sign = signs[state];
  const failed = state === 'failed' || state === 'retrying';
  return (
    <li className={cx(styles.step, styles[state])} data-step={step.step} data-state={state}>
      <span className={styles.sign}>{sign && <Icon name={sign} size={14} />}</span>
      <div className={styles.words}>
        <p className={styles.name}>
          {t(`step.${step.step}` as 'step.ticket', { defaultValue: step.step })}
        </p>
        <p className={styles.remark}>{remark(t, step, state)}</p>
        {failed && step.error && <p className={styles.error}>{failure(t, step)}</p>}
        {failed && step.hint && <p className={styles.remark}>{inLanguage(step.hint)}</p>}
      </div>
    </li>
  );
}

/** Steps that are done here, after WeChat has asked for them. */
const own = ['exchange', 'message'];

function word(t: TFunction<'releaseCheck'>, { step }: CheckStep, state: StepState): string {
  if (own.includes(step) && state === 'waiting') return t('stepState.ownWaiting');
  if (own.includes(step) && state === 'missing') return t('stepState.ownMissing');
  return t(`stepState.${state}`);
}

function remark(t: TFunction<'releaseCheck'>, step: CheckStep, state: StepState): string {
  const { time, duration = 0, attempt = 1 } = step;
  if (!time) return step.step === 'ticket' ? t('failure.notTicket') : word(t, step, state);
  const parts = [word(t, step, state), formatTime(time / 1000).slice(11)];
  if (step.step !== 'ticket') parts.push(t('took', { took: length(duration) }));
  if (attempt > 1) parts.push(t('attempt', { count: attempt }));
  return parts.join(' · ');
}

function failure(t: TFunction<'releaseCheck'>, { errcode, error }: CheckStep): string {
  return errcode
    ? t('failure.wechat', { errcode, error })
    : t('failure.own', { error: error ?? '' });
}

/** "12 ms", "1.4 s". */
function length(ms: number): string {
  const seconds = ms >= 1000;
  return new Intl.NumberFormat(currentTag(), {
    style: 'unit',
    unit: seconds ? 'second' : 'millisecond',
    unitDisplay: 'short',
    maximumFractionDigits: 1,
  }).format(seconds ? ms / 1000 : ms);
}
