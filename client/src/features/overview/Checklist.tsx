import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { Icon } from '@/components/Icon';
import { StatusTag } from '@/components/StatusTag';
import { useTicketStart } from '@/hooks/usePlatformCall';
import { cx } from '@/lib/cx';
import { currentTag } from '@/lib/i18n';
import { paths } from '@/lib/paths';
import { formatDuration } from '@/lib/time';
import { databaseName } from './databaseName';
import { RefusalList } from './RefusalList';
import type { Overview } from './queries';
import styles from './Checklist.module.css';

type Check = Overview['checks'][number];

const levels = ['error', 'warn', 'ok'] as const; // the most pressing first

function rank({ level }: Check): number {
  return levels.findIndex((each) => each === level);
}

const icons = { error: 'error', warn: 'warning', ok: 'check' } as const;

/** Where the remedy of a check is carried out. */
const places: Partial<Record<string, string>> = {
  secret: paths.settings,
  push: paths.settings,
  ticket: paths.settings,
  message: paths.settings,
  componentToken: paths.token,
};

/** What is set up and what is not, the most pressing first, each with what to do about it. */
export function Checklist({ overview }: { overview: Overview }) {
  const { t } = useTranslation('overview');
  const { checks } = overview;
  const values = valuesOf(overview);
  const sorted = [...checks].sort((a, b) => rank(a) - rank(b));
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
          <CheckRow key={check.id} check={check} values={values}>
            {check.id === 'refusals' && <RefusalList refusals={overview.refusals} />}
          </CheckRow>
        ))}
      </ul>
    </Card>
  );
}

/** What the texts of the checks are filled in with. */
function valuesOf({ platform, ticket, componentToken, wechat, database }: Overview) {
  return {
    appid: platform.appid,
    age: formatDuration(ticket.ageSeconds, currentTag()),
    latencyMs: wechat.latencyMs,
    wechatError: wechat.error,
    tokenError: [componentToken.lastError, componentToken.wx?.hint].filter(Boolean).join(' '),
    database: `${databaseName(database.kind)} ${database.version}`,
  };
}

interface RowProps {
  check: Check;
  values: ReturnType<typeof valuesOf>;
  children?: ReactNode;
}

function CheckRow({ check, values, children }: RowProps) {
  const { id, params } = check;
  const level = levels[rank(check)] ?? 'warn';
  const { t, i18n } = useTranslation('overview');
  const known = i18n.exists(`overview:check.${id}.title`);
  const text = known ? t([`check.${id}.${level}`, `check.${id}.ok`], { ...values, ...params }) : '';
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
        {children}
      </div>
      {id === 'ticket' && level !== 'ok' && <StartButton />}
      {place && <Link to={place}>{t('checks.go')}</Link>}
    </li>
  );
}

function StartButton() {
  const { t } = useTranslation('overview');
  const start = useTicketStart(t('checks.started'));
  return (
    <Button
      size="small"
      variant="outline"
      theme="default"
      loading={start.isPending}
      onClick={() => {
        start.mutate();
      }}
    >
      {t('checks.start')}
    </Button>
  );
}
