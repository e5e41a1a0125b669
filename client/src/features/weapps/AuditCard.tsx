import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Details } from '@/components/Details';
import { TimeText } from '@/components/TimeText';
import type { allowed } from './deeds';
import { quotaQuery, type Versions } from './queries';
import { AuditTag } from './states';
import type { Opened } from './VersionBoard';
import { VersionCard } from './VersionCard';
import styles from './weapps.module.css';

interface Props {
  appid: string;
  versions: Versions;
  can: ReturnType<typeof allowed>;
  onOpen: (what: Opened) => void;
}

const deeds = ['release', 'speedUp', 'revoke'] as const;

/** What WeChat was asked to approve. */
export function AuditCard({ appid, versions, can, onOpen }: Props) {
  const { t } = useTranslation('weapps');
  const quota = useQuery(quotaQuery(appid)).data;
  const { auditInfo, errors } = versions;
  return (
    <VersionCard
      title={t('auditCard.title')}
      tag={<AuditTag status={auditInfo?.status} />}
      failures={[errors?.audit]}
      actions={deeds.map((deed) => (
        <Button
          key={deed}
          size="small"
          theme={deed === 'release' && can.release ? 'primary' : 'default'}
          variant={deed === 'release' && can.release ? 'base' : 'outline'}
          disabled={!can[deed]}
          onClick={() => {
            onOpen(deed);
          }}
        >
          {t(`deed.${deed}.button`)}
        </Button>
      ))}
    >
      {auditInfo ? (
        <Details
          rows={[
            [t('field.version'), auditInfo.userVersion],
            [t('field.desc'), auditInfo.userDesc],
            [t('field.auditId'), auditInfo.auditIdText],
            [t('field.submitTime'), <TimeText key="s" at={auditInfo.submitAuditTime} />],
            [
              t('field.auditTime'),
              auditInfo.auditTime > 0 && <TimeText key="a" at={auditInfo.auditTime} />,
            ],
            [t('field.reason'), plainText(auditInfo.reason)],
            [t('field.screenShot'), auditInfo.screenShot.split('|').join('\n')],
          ].map(([name, value]) => [name, value === false ? null : value])}
        />
      ) : (
        <p className={styles.muted}>{t('auditCard.none')}</p>
      )}
      {quota && (
        <p className={styles.muted}>
          {t('quota', {
            rest: quota.rest,
            limit: quota.limit,
            speedupRest: quota.speedupRest,
            speedupLimit: quota.speedupLimit,
          })}
        </p>
      )}
    </VersionCard>
  );
}

/** WeChat's reasons hold HTML; its line breaks are kept, the rest is shown as text. */
function plainText(reason: string): string {
  const text = reason.replace(/<br\s*\/?>/gi, '\n');
  return new DOMParser().parseFromString(text, 'text/html').documentElement.textContent.trim();
}
