import { useTranslation } from 'react-i18next';
import type { Column } from '@/components/DataTable';
import { IconButton } from '@/components/IconButton';
import { matchCode, matchText, nameOf, targetOf } from './kinds';
import type { Rule } from './queries';
import { RuleSwitch } from './RuleSwitch';
import styles from './rules.module.css';

const deeds = [
  ['test', 'play'],
  ['edit', 'edit'],
  ['delete', 'trash'],
] as const;

export type Deed = (typeof deeds)[number][0];

export function useRuleColumns(onDeed: (deed: Deed, rule: Rule) => void): Column<Rule>[] {
  const { t } = useTranslation('rules');
  return [
    {
      key: 'name',
      title: t('column.name'),
      card: 'title',
      cell: (rule) => <strong className={styles.name}>{nameOf(t, rule)}</strong>,
    },
    {
      key: 'match',
      title: t('column.match'),
      cell: (rule) => (
        <span className={styles.two}>
          {matchText(t, rule)}
          <code>{matchCode(rule)}</code>
        </span>
      ),
    },
    {
      key: 'target',
      title: t('column.target'),
      cell: (rule) => <code className={styles.target}>{targetOf(rule)}</code>,
    },
    {
      key: 'mode',
      title: t('column.mode'),
      width: '126px',
      cell: ({ data }) => t(data.mode === 'async' ? 'mode.async' : 'mode.sync'),
    },
    {
      key: 'open',
      title: t('column.open'),
      width: '80px',
      cell: (rule) => <RuleSwitch rule={rule} />,
    },
    {
      key: 'deeds',
      title: t('column.deeds'),
      width: '132px',
      card: 'bare',
      cell: (rule) => (
        <span className={styles.deeds}>
          {deeds.map(([deed, icon]) => (
            <IconButton
              key={deed}
              icon={icon}
              label={t(`${deed}.button`, { name: nameOf(t, rule) })}
              onClick={() => {
                onDeed(deed, rule);
              }}
            />
          ))}
        </span>
      ),
    },
  ];
}
