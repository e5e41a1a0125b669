import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Card } from '@/components/Card';
import { Icon } from '@/components/Icon';
import { StatusTag } from '@/components/StatusTag';
import { cx } from '@/lib/cx';
import { currentTag } from '@/lib/i18n';
import { paths } from '@/lib/paths';
import { formatDuration } from '@/lib/time';
import type { Overview } from './queries';
import styles from './Checklist.module.css';

type Check = Overview['checks'][number];

const order = { error: 0, warn: 1, ok: 2 };
const icons = { error: 'error', warn: 'warning', ok: 'check' } as const;

/** Where the remedy of a check is carried out. */
const places: Partial<Record<string, string>> = {
  secret: paths.settings,
  pushToken: paths.settings,
  aesKey: paths.settings,
  push: paths.settings,
  ticket: paths.settings,
  componentToken: paths.token,
};

/** What is set up and what is not, the most pressing first, each with what to do about it. */
export function Checklist({ checks }: { checks: Check[] }) {
  const { t } = useTranslation('overview');
  const sorted = [...checks].sort((a, b) => order[a.level] - order[b.level]);
  const open = checks.filter((check) => check.level !== 'ok').length;
  return (
    <Card
      title={t('checks.title')}
      actions={
        open === 0 ? (
          <StatusTag tone="ok">{t('checks.allGood')}</StatusTag>
        ) : (
          <StatusTag tone="warn">{t('checks.open', { count: open })}</StatusTag>
        )
      }
    >
      <ul className={styles.list}>
        {sorted.map((check) => (
          <CheckRow key={check.id} check={check} />
        ))}
      </ul>
    </Card>
  );
}

function CheckRow({ check: { id, level, params } }: { check: Check }) {
  const { t, i18n } = useTranslation('overview');
  const known = i18n.exists(`overview:check.${id}.title`);
  const age = params.ageSeconds;
  const values = {
    ...params,
    id,
    age: typeof age === 'number' ? formatDuration(age, currentTag()) : '',
  };
  const text = known && t([`check.${id}.${level}`, `check.${id}.ok`], values);
  const place = level === 'ok' ? undefined : places[id];
  return (
    <li className={styles.row}>
      <span className={cx(styles.sign, styles[level])}>
        <Icon name={icons[level]} size={14} />
      </span>
      <div className={styles.words}>
        <p className={styles.name}>
          {known ? t(`check.${id}.title`) : id}
          <span className="visually-hidden">: {t(`checks.level.${level}`)}</span>
        </p>
        {text && <p className={styles.text}>{text}</p>}
      </div>
      {place && <Link to={place}>{t('checks.go')}</Link>}
    </li>
  );
}
