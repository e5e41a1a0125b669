import { useTranslation } from 'react-i18next';
import { Icon } from '@/components/Icon';
import { StatusTag, type Tone } from '@/components/StatusTag';
import { Checks } from './Checks';
import type { DryRun, Verdict } from './queries';
import styles from './dryRun.module.css';

interface Props {
  verdict: Verdict;
  run: DryRun;
  /** The name of a target by its key. */
  nameOf: (key: string) => string;
}

const tones = { met: 'ok', missed: 'plain', off: 'warn', unreached: 'warn' } as const;

function standing({ open, reached, matched }: Verdict): keyof typeof tones {
  if (!open) return 'off';
  if (!reached) return 'unreached';
  return matched ? 'met' : 'missed';
}

/** What one rule says of the push, condition by condition. */
export function VerdictItem({ verdict, run, nameOf }: Props) {
  const { t } = useTranslation('dryRun');
  const { kind, id, name, mode, stop, matched, checks, targets } = verdict;
  const state = standing(verdict);
  const tone: Tone = tones[state];
  return (
    <li>
      <details open={matched}>
        <summary>
          <Icon name="chevronRight" size={14} />
          <StatusTag tone={tone}>{t(`state.${state}`)}</StatusTag>
          <strong>{name || t('rules.unnamed', { id })}</strong>
          <span className={styles.muted}>
            {t(kind === 'rule' ? 'rules.byEvent' : 'rules.byConditions')} ·{' '}
            {t(mode === 'sync' ? 'rules.sync' : 'rules.async')}
            {stop && ` · ${t('rules.stops')}`}
          </span>
        </summary>
        <div className={styles.why}>
          {state === 'off' && matched && <p className={styles.muted}>{t('rules.wouldMatch')}</p>}
          <Checks checks={checks} />
          {state === 'met' && (
            <ul className={styles.leads}>
              {targets.map((key) => (
                <li key={key}>
                  {nameOf(key)}{' '}
                  <span className={styles.muted}>{t(`leads.${leadOf(key, run)}`)}</span>
                </li>
              ))}
              {targets.length === 0 && <li className={styles.muted}>{t('leads.nowhere')}</li>}
            </ul>
          )}
        </div>
      </details>
    </li>
  );
}

/** How a target of a rule that is met gets the push. */
function leadOf(key: string, { sync, async }: DryRun): 'sync' | 'async' | 'not' {
  if (key === sync) return 'sync';
  return async.includes(key) ? 'async' : 'not';
}
