import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Identity } from '@/components/Identity';
import { QueryView } from '@/components/states';
import { TimeText } from '@/components/TimeText';
import { AuditCard } from './AuditCard';
import { CommitDialog } from './CommitDialog';
import { DeedDialog } from './DeedDialog';
import { allowed, type Deed } from './deeds';
import { NoWeapp } from './NoWeapp';
import { OnlineCard } from './OnlineCard';
import { PagesDialog } from './PagesDialog';
import { versionsQuery, weappQuery } from './queries';
import { RollbackDialog } from './RollbackDialog';
import { TrialCard } from './TrialCard';
import styles from './weapps.module.css';

export type Opened = Deed | 'commit' | 'rollBack' | 'pages';

/** The three versions of one mini program, and what can be done to each. */
export function VersionBoard({ appid }: { appid: string }) {
  const { t } = useTranslation('weapps');
  const [opened, open] = useState<Opened | null>(null);
  const query = useQuery(versionsQuery(appid));
  const client = useQueryClient();
  const row = useQuery(weappQuery(client, appid)).data;
  const close = () => {
    open(null);
  };
  if (row === null) return <NoWeapp appid={appid} />;
  return (
    <>
      <div className={styles.head}>
        <Identity
          key={row?.headImg}
          name={row?.nickName ?? ''}
          image={row?.headImg ?? ''}
          note={appid}
        />
        <span className={styles.version}>
          {query.data && (
            <small>
              {t('asOf')} <TimeText at={query.data.refreshTime} relative />
            </small>
          )}
          <Button
            size="small"
            variant="outline"
            theme="default"
            icon="refresh"
            loading={query.isFetching}
            onClick={() => void query.refetch()}
          >
            {t('common:action.refresh')}
          </Button>
        </span>
      </div>
      <QueryView query={query} lines={10}>
        {(versions) => (
          <div className={styles.cards}>
            <OnlineCard versions={versions} can={allowed(versions)} onOpen={open} />
            <AuditCard appid={appid} versions={versions} can={allowed(versions)} onOpen={open} />
            <TrialCard appid={appid} versions={versions} can={allowed(versions)} onOpen={open} />
          </div>
        )}
      </QueryView>
      {opened === 'commit' && <CommitDialog appid={appid} onClose={close} />}
      {opened === 'rollBack' && <RollbackDialog appid={appid} onClose={close} />}
      {opened === 'pages' && <PagesDialog appid={appid} onClose={close} />}
      {opened !== null && isDeed(opened) && (
        <DeedDialog deed={opened} appid={appid} onClose={close} />
      )}
    </>
  );
}

function isDeed(opened: Opened): opened is Deed {
  return opened !== 'commit' && opened !== 'rollBack' && opened !== 'pages';
}
