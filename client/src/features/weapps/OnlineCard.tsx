import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Details } from '@/components/Details';
import { TimeText } from '@/components/TimeText';
import type { allowed } from './deeds';
import type { Versions } from './queries';
import { ServiceTag } from './states';
import type { Opened } from './VersionBoard';
import { VersionCard } from './VersionCard';
import styles from './weapps.module.css';

interface Props {
  versions: Versions;
  can: ReturnType<typeof allowed>;
  onOpen: (what: Opened) => void;
}

/** What everyone sees. */
export function OnlineCard({ versions, can, onOpen }: Props) {
  const { t } = useTranslation('weapps');
  const { releaseInfo, serviceStatus, errors } = versions;
  const look = { size: 'small', variant: 'outline', theme: 'default' } as const;
  return (
    <VersionCard
      title={t('online.title')}
      tag={<ServiceTag status={serviceStatus} released={releaseInfo !== undefined} />}
      failures={[errors?.version, errors?.serviceStatus, errors?.releaseQrCode]}
      qrCode={releaseInfo?.releaseQrCode}
      actions={
        <>
          <Button
            {...look}
            disabled={!can.rollBack}
            onClick={() => {
              onOpen('rollBack');
            }}
          >
            {t('deed.rollBack.button')}
          </Button>
          <Button
            {...look}
            disabled={!can.suspend && !can.resume}
            onClick={() => {
              onOpen(can.resume ? 'resume' : 'suspend');
            }}
          >
            {t(can.resume ? 'deed.resume.button' : 'deed.suspend.button')}
          </Button>
        </>
      }
    >
      {releaseInfo ? (
        <Details
          rows={[
            [t('field.version'), releaseInfo.releaseVersion],
            [t('field.desc'), releaseInfo.releaseDesc],
            [t('field.releaseTime'), <TimeText key="t" at={releaseInfo.releaseTime} />],
          ]}
        />
      ) : (
        <p className={styles.muted}>{t('online.none')}</p>
      )}
    </VersionCard>
  );
}
