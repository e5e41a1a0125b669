import { useTranslation } from 'react-i18next';
import { Notice } from '@/components/Notice';
import { TimeText } from '@/components/TimeText';
import { CheckState, stateOf } from './CheckState';
import type { Check, CheckAccount } from './queries';
import { StepRow } from './StepRow';
import styles from './releaseCheck.module.css';

const tones = { ok: 'ok', failed: 'error', running: 'info', missing: 'warn' } as const;

/** A check as lines of steps: the ticket first, then an account beside the other. */
export function CheckPicture({ check }: { check: Check }) {
  const { t } = useTranslation('releaseCheck');
  const state = stateOf(check.state);
  return (
    <div className={styles.stack} data-group={check.group}>
      <p className={styles.facts}>
        <span>{t('last.group', { group: check.group })}</span>
        <span>
          {t('last.started')} <TimeText at={check.startTime / 1000} />
        </span>
      </p>
      <Notice tone={tones[state]}>{t(`summary.${state}`)}</Notice>
      <ol className={styles.steps}>
        <StepRow step={check.ticket} />
      </ol>
      <div className={styles.accounts}>
        {check.accounts.map((account) => (
          <Account key={account.appid} account={account} />
        ))}
      </div>
    </div>
  );
}

function Account({ account }: { account: CheckAccount }) {
  const { t } = useTranslation('releaseCheck');
  const { appid, miniProgram, state, steps } = account;
  const done = steps.filter((step) => step.state === 'ok').length;
  const kind = t(miniProgram ? 'account.mini' : 'account.official');
  return (
    <section className={styles.account} aria-label={`${kind} ${appid}`}>
      <header>
        <h3>{kind}</h3>
        <CheckState state={state} />
        <code>{appid}</code>
        <span className={styles.count}>{t('account.done', { done, total: steps.length })}</span>
      </header>
      <ol className={styles.steps}>
        {steps.map((step) => (
          <StepRow key={step.step} step={step} />
        ))}
      </ol>
    </section>
  );
}
