import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button, ButtonLink } from '@/components/Button';
import { Details } from '@/components/Details';
import { TimeText } from '@/components/TimeText';
import { paths } from '@/lib/paths';
import type { allowed } from './deeds';
import { PrivacyState } from './PrivacyState';
import { privacyQuery, type Versions } from './queries';
import type { Opened } from './VersionBoard';
import { VersionCard } from './VersionCard';
import styles from './weapps.module.css';

interface Props {
  appid: string;
  versions: Versions;
  can: ReturnType<typeof allowed>;
  onOpen: (what: Opened) => void;
}

/** What was committed last: testers see it, and it can be submitted. */
export function TrialCard({ appid, versions, can, onOpen }: Props) {
  const { t } = useTranslation('weapps');
  const { expInfo, errors } = versions;
  const privacy = useQuery({ ...privacyQuery(appid), enabled: expInfo !== undefined });
  return (
    <VersionCard
      title={t('trial.title')}
      tag={null}
      failures={[errors?.expQrCode]}
      qrCode={expInfo?.expQrCode}
      actions={
        <>
          <Button
            size="small"
            variant={can.submit ? 'outline' : 'base'}
            theme={can.submit ? 'default' : 'primary'}
            icon="upload"
            onClick={() => {
              onOpen('commit');
            }}
          >
            {t('commit.button')}
          </Button>
          {can.submit && (
            <ButtonLink size="small" to={`${paths.submitAudit}?appId=${appid}`}>
              {t('submit')}
            </ButtonLink>
          )}
          {expInfo && (
            <Button
              size="small"
              variant="text"
              theme="default"
              onClick={() => {
                onOpen('pages');
              }}
            >
              {t('pages.title')}
            </Button>
          )}
        </>
      }
    >
      {expInfo ? (
        <Details
          rows={[
            [t('field.version'), expInfo.expVersion],
            [t('field.desc'), expInfo.expDesc],
            [t('field.commitTime'), <TimeText key="t" at={expInfo.expTime} />],
            [t('field.privacy'), <PrivacyState key="p" query={privacy} />],
          ]}
        />
      ) : (
        <p className={styles.muted}>{t('trial.none')}</p>
      )}
    </VersionCard>
  );
}
