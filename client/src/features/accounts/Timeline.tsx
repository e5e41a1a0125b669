import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { TimeText } from '@/components/TimeText';
import { permissionIds, permissionName, registerName, standingName, verifyName } from './names';
import { type PermissionSet, permissionsQuery, type TimelineEntry } from './queries';
import styles from './accounts.module.css';

/** What happened to the account, newest first. */
export function Timeline({ entries }: { entries: TimelineEntry[] }) {
  const { t } = useTranslation('accounts');
  const { data: sets = [] } = useQuery(permissionsQuery);
  return (
    <section>
      <h3 className={styles.heading}>{t('timeline.title')}</h3>
      {entries.length === 0 ? (
        <p className={styles.muted}>{t('timeline.none')}</p>
      ) : (
        <ol className={styles.timeline}>
          {entries.map((entry) => (
            <li key={entry.id}>
              <TimeText at={entry.time} />
              <strong>
                {t(`timeline.kind.${entry.kind}` as 'timeline.kind.synced', {
                  defaultValue: entry.kind,
                })}
              </strong>
              {remarks(t, entry, sets).map((remark) => (
                <span key={remark}>{remark}</span>
              ))}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function remarks(t: TFunction<'accounts'>, { detail }: TimelineEntry, sets: PermissionSet[]) {
  const { changes = {}, funcInfo, recovered, errcode, errmsg } = detail;
  const lines = Object.entries(changes).map(([field, { from, to }]) =>
    field === 'funcInfo'
      ? permissionChange(t, from, to, sets)
      : t('timeline.change', {
          field: t(`timeline.field.${field}` as 'timeline.field.nickName', { defaultValue: field }),
          from: valueName(t, field, from) || '—',
          to: valueName(t, field, to) || '—',
        }),
  );
  if (funcInfo) lines.push(t('timeline.sets', { count: permissionIds(funcInfo).length }));
  if (recovered) lines.push(t('timeline.recovered'));
  if (errcode) lines.push(`${errcode} ${errmsg ?? ''}`);
  return lines;
}

const namers: Record<string, (t: TFunction<'accounts'>, id: number) => string> = {
  verifyInfo: verifyName,
  accountStatus: standingName,
  registerType: registerName,
};

function valueName(t: TFunction<'accounts'>, field: string, value: string): string {
  const named = namers[field];
  return named && value !== '' ? named(t, Number(value)) : value;
}

function permissionChange(
  t: TFunction<'accounts'>,
  from: string,
  to: string,
  sets: PermissionSet[],
): string {
  const before = permissionIds(from);
  const after = permissionIds(to);
  const name = (id: number) =>
    permissionName(t, sets.find((set) => set.id === id) ?? { id, zh: '', en: '' });
  const gained = after.filter((id) => !before.includes(id)).map((id) => `+ ${name(id)}`);
  const lost = before.filter((id) => !after.includes(id)).map((id) => `− ${name(id)}`);
  return [...gained, ...lost].join(', ');
}
