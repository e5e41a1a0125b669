import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { Details } from '@/components/Details';
import { Notice } from '@/components/Notice';
import { Tags } from '@/components/Tags';
import { targetListQuery } from '@/hooks/useTargetList';
import type { DryRun } from './queries';
import { VerdictItem } from './VerdictItem';
import styles from './dryRun.module.css';

/** Where a push would go, and what each rule says of it. */
export function Result({ run }: { run: DryRun }) {
  const { t } = useTranslation('dryRun');
  const targets = useQuery(targetListQuery).data ?? [];
  const { push, rules, sync, async } = run;
  const nameOf = (key: string) =>
    targets.find((target) => target.key === key)?.name ??
    rules.find(({ kind, id }) => kind === 'rule' && key === `r${id}`)?.name ??
    key;
  const list = (keys: string[]) => keys.map(nameOf).join(t('comma'));
  return (
    <>
      <Card title={t('result.title')}>
        <div className={styles.form}>
          <Notice tone={sync || async.length > 0 ? 'ok' : 'warn'} live>
            {sync || async.length > 0 ? t('result.goes') : t('result.nowhere')}
          </Notice>
          <Details
            rows={[
              [t('result.sync'), sync ? nameOf(sync) : t('result.noSync')],
              [t('result.async'), async.length > 0 ? list(async) : t('result.noAsync')],
              [
                t('result.channel'),
                t(push.channel === 'biz' ? 'channel.biz' : 'channel.component'),
              ],
              ['AppID', push.appid && <code key="appid">{push.appid}</code>],
              [t('result.tags'), push.tags.length > 0 && <Tags key="tags" tags={push.tags} />],
              ['InfoType', push.infoType],
              ['MsgType', push.msgType],
              ['Event', push.event],
              ['EventKey', push.eventKey],
            ].map(([name, value]) => [name, value || null])}
          />
        </div>
      </Card>
      <Card title={t('rules.title')} description={t('rules.about')} flush>
        {rules.length === 0 ? (
          <p className={styles.none}>{t('rules.none')}</p>
        ) : (
          <ol className={styles.verdicts}>
            {rules.map((verdict) => (
              <VerdictItem
                key={`${verdict.kind} ${verdict.id}`}
                verdict={verdict}
                run={run}
                nameOf={nameOf}
              />
            ))}
          </ol>
        )}
      </Card>
    </>
  );
}
