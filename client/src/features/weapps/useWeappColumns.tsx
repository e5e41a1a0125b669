import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ButtonLink } from '@/components/Button';
import type { Column } from '@/components/DataTable';
import { IconButton } from '@/components/IconButton';
import { Identity } from '@/components/Identity';
import { TimeText } from '@/components/TimeText';
import { toast } from '@/components/toast';
import { paths } from '@/lib/paths';
import { refreshWeapp, type Weapp, weappKeys } from './queries';
import { AuditTag, ServiceTag } from './states';
import styles from './weapps.module.css';

export function useWeappColumns(): Column<Weapp>[] {
  const { t } = useTranslation('weapps');
  return [
    {
      key: 'weapp',
      title: t('column.weapp'),
      card: 'title',
      cell: ({ nickName, headImg, appid }) => (
        <Identity name={nickName} image={headImg} note={appid} />
      ),
    },
    {
      key: 'release',
      title: t('column.release'),
      cell: ({ releaseInfo }) => releaseInfo?.releaseVersion || '—',
    },
    {
      key: 'service',
      title: t('column.service'),
      cell: ({ serviceStatus, releaseInfo }) => (
        <ServiceTag status={serviceStatus} released={releaseInfo !== undefined} />
      ),
    },
    {
      key: 'audit',
      title: t('column.audit'),
      cell: ({ auditInfo }) => (
        <span className={styles.version}>
          <AuditTag status={auditInfo?.status} />
          {auditInfo?.userVersion}
        </span>
      ),
    },
    {
      key: 'trial',
      title: t('column.trial'),
      cell: ({ expInfo }) => expInfo?.expVersion || '—',
    },
    {
      key: 'refreshed',
      title: t('column.refreshed'),
      cell: ({ appid, refreshTime }) => <Refreshed appid={appid} at={refreshTime} />,
    },
    {
      key: 'open',
      title: <span className="visually-hidden">{t('column.open')}</span>,
      align: 'end',
      card: 'bare',
      cell: ({ appid }) => (
        <ButtonLink
          to={`${paths.miniProgramVersion}?appId=${appid}`}
          size="small"
          variant="outline"
          theme="default"
        >
          {t('column.open')}
        </ButtonLink>
      ),
    },
  ];
}

function Refreshed({ appid, at }: { appid: string; at: number }) {
  const { t } = useTranslation('weapps');
  const client = useQueryClient();
  const refresh = useMutation({
    mutationFn: refreshWeapp,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: weappKeys.lists });
      toast.ok(t('refreshed'));
    },
  });
  return (
    <span className={styles.version}>
      <TimeText at={at} relative />
      <IconButton
        icon="refresh"
        iconSize={16}
        label={t('refresh')}
        aria-busy={refresh.isPending}
        onClick={() => {
          if (!refresh.isPending) refresh.mutate(appid);
        }}
      />
    </span>
  );
}
