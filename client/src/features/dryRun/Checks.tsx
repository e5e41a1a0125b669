import { useTranslation } from 'react-i18next';
import { Icon } from '@/components/Icon';
import type { Check } from './queries';
import styles from './dryRun.module.css';

/** Each condition: what was wanted, what was found, and whether that will do. */
export function Checks({ checks }: { checks: Check[] }) {
  const { t } = useTranslation('dryRun');
  if (checks.length === 0) return <p className={styles.muted}>{t('checks.none')}</p>;
  return (
    <table className={styles.checks}>
      <thead>
        <tr>
          <th scope="col">{t('checks.field')}</th>
          <th scope="col">{t('checks.wanted')}</th>
          <th scope="col">{t('checks.found')}</th>
          <th scope="col">{t('checks.met')}</th>
        </tr>
      </thead>
      <tbody>
        {checks.map(({ field, wanted, found, entry, matched }, at) => (
          <tr key={at}>
            <th scope="row">{t(`field.${field}` as 'field.channel', { defaultValue: field })}</th>
            <td>{inWords(wanted)}</td>
            <td>
              {found === '' ? (
                <span className={styles.muted}>{t('checks.empty')}</span>
              ) : (
                inWords(found)
              )}
              {!!entry && <div className={styles.muted}>{t('checks.entry', { entry })}</div>}
            </td>
            <td className={matched ? styles.yes : styles.no}>
              <Icon name={matched ? 'check' : 'close'} size={14} />
              {t(matched ? 'checks.yes' : 'checks.no')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );

  /** A channel by its name, and the comparison of a text condition in words. */
  function inWords(text: string): string {
    if (text === 'component' || text === 'biz') return t(`channel.${text}`);
    const [, op = '', value = ''] =
      /^(contains|notContains|equals|notEquals|startsWith|like) ([^]*)$/.exec(text) ?? [];
    return op ? `${t(`branches:op.${op}` as 'run', { defaultValue: op })} ${value}` : text;
  }
}
