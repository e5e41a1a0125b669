import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { JobProgress } from '@/components/JobProgress';
import { accountKeys, cancelSync, isActive, startSync, syncQuery } from './queries';
import { SyncResult } from './SyncResult';

/** Compares the accounts with WeChat's list, as a job that goes on without the page. */
export function SyncCard() {
  const { t } = useTranslation('accounts');
  const client = useQueryClient();
  const { data: job } = useQuery(syncQuery(client));
  const renew = () => client.invalidateQueries({ queryKey: accountKeys.sync });
  const start = useMutation({ mutationFn: startSync, onSuccess: renew });
  const cancel = useMutation({ mutationFn: cancelSync, onSettled: renew });
  const active = isActive(job);
  return (
    <Card
      title={t('sync.title')}
      description={t('sync.text')}
      actions={
        active ? (
          <Button
            variant="outline"
            theme="default"
            loading={cancel.isPending}
            onClick={() => {
              cancel.mutate(job?.jobId ?? '');
            }}
          >
            {t('sync.cancel')}
          </Button>
        ) : (
          <Button
            icon="refresh"
            loading={start.isPending}
            onClick={() => {
              start.mutate();
            }}
          >
            {t('sync.start')}
          </Button>
        )
      }
    >
      {active ? (
        <JobProgress
          label={t('sync.running')}
          done={job?.progress?.done ?? 0}
          total={job?.progress?.total ?? 0}
          failed={job?.progress?.failed ?? 0}
        />
      ) : (
        <SyncResult job={job} />
      )}
    </Card>
  );
}
