import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { StatusTag, type Tone } from '@/components/StatusTag';
import { TimeText } from '@/components/TimeText';
import { useNow } from '@/hooks/useNow';
import { currentTag } from '@/lib/i18n';
import { formatDuration, minute } from '@/lib/time';
import { databaseName } from './databaseName';
import type { Overview } from './queries';
import styles from './Tiles.module.css';

// WeChat pushes a ticket every 10 minutes, and one is good for 12 hours.
const ticketLate = 20 * minute;

/** The platform's pulse in six figures. */
export function Tiles({ overview }: { overview: Overview }) {
  const { t } = useTranslation('overview');
  const { ticket, lastPush, counts, wechat, database } = overview;
  const number = new Intl.NumberFormat(currentTag());
  const others = counts.authorizers - counts.officialAccounts - counts.miniPrograms;
  return (
    <div className={styles.tiles}>
      <Tile
        name={t('tile.accounts')}
        value={number.format(counts.authorizers)}
        note={t(others > 0 ? 'tile.accountsOthers' : 'tile.accountsNote', {
          official: number.format(counts.officialAccounts),
          mini: number.format(counts.miniPrograms),
          others: number.format(others),
        })}
      />
      <Tile
        name={t('tile.lastPush')}
        value={<TimeText at={Math.max(lastPush.biz, lastPush.component)} relative />}
        note={t('tile.lastPushNote')}
      />
      <TicketTile receivedAt={ticket.receivedAt} />
      <TokenTile token={overview.componentToken} />
      <Tile
        name={t('tile.wechat')}
        value={wechat.reachable ? `${wechat.latencyMs} ms` : '—'}
        note={
          <State tone={wechat.reachable ? 'ok' : wechat.checkedAt ? 'error' : 'plain'}>
            {t(
              wechat.reachable
                ? 'state.reachable'
                : wechat.checkedAt
                  ? 'state.unreachable'
                  : 'state.unknown',
            )}
          </State>
        }
      />
      <Tile name={t('tile.database')} value={databaseName(database.kind)} note={database.version} />
    </div>
  );
}

function TicketTile({ receivedAt }: { receivedAt: number }) {
  const { t } = useTranslation('overview');
  const now = useNow();
  const tone: Tone = !receivedAt ? 'error' : now - receivedAt > ticketLate ? 'warn' : 'ok';
  const words = { ok: 'state.fresh', warn: 'state.late', error: 'state.missing' } as const;
  return (
    <Tile
      name={t('tile.ticket')}
      value={<TimeText at={receivedAt} relative />}
      note={<State tone={tone}>{t(words[tone as keyof typeof words])}</State>}
    />
  );
}

const tokenTones: Record<string, Tone> = { ok: 'ok', missing: 'warn', failing: 'error' };

function TokenTile({ token }: { token: Overview['componentToken'] }) {
  const { t } = useTranslation('overview');
  const now = useNow();
  const left = token.expireTime - now;
  return (
    <Tile
      name={t('tile.token')}
      value={left > 0 ? formatDuration(Math.ceil(left / minute) * minute, currentTag()) : '—'}
      note={
        <State tone={tokenTones[token.state] ?? 'plain'}>{t(`state.token.${token.state}`)}</State>
      }
    />
  );
}

function State({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <StatusTag tone={tone}>{children}</StatusTag>;
}

function Tile({ name, value, note }: { name: string; value: ReactNode; note: ReactNode }) {
  return (
    <div className={styles.tile}>
      <p className={styles.name}>{name}</p>
      <p className={styles.value}>{value}</p>
      <p className={styles.note}>{note}</p>
    </div>
  );
}
