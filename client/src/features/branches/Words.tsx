import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conditions } from './queries';
import styles from './branches.module.css';
import { phrasesOf } from './words';

interface Props {
  conditions: Conditions;
  accountNames: Record<string, string>;
}

/** What a rule asks for, as a sentence of its conditions. */
export function Words({ conditions, accountNames }: Props) {
  const { t } = useTranslation('branches');
  const phrases = phrasesOf(t, conditions, accountNames);
  if (phrases.length === 0) return <p className={styles.words}>{t('everything')}</p>;
  return (
    <p className={styles.words}>
      {phrases.map(({ key, subject, relation, values }, at) => (
        <Fragment key={key}>
          {at > 0 && <span className={styles.muted}> {t('and')} </span>}
          <span className={styles.phrase}>
            {subject} <span className={styles.muted}>{relation}</span>{' '}
            {values.map((value, n) => (
              <Fragment key={n}>
                {n > 0 && <span className={styles.muted}> {t('or')} </span>}
                <strong>{value}</strong>
              </Fragment>
            ))}
          </span>
        </Fragment>
      ))}
    </p>
  );
}
