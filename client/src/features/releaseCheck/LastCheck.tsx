import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { Icon } from '@/components/Icon';
import { Empty, QueryView } from '@/components/states';
import { CheckPicture } from './CheckPicture';
import { CheckState } from './CheckState';
import { type Check, releaseCheckQuery } from './queries';
import styles from './releaseCheck.module.css';

/** The last check, step by step, and below it the last ones with other accounts. */
export function LastCheck() {
  const { t } = useTranslation('releaseCheck');
  const query = useQuery(releaseCheckQuery);
  const newest = query.data?.last[0];
  return (
    <Card title={t('last.title')} actions={newest && <CheckState state={newest.state} />}>
      <QueryView query={query} lines={8}>
        {({ last: [check, ...others], simulator }) =>
          check ? (
            <div className={styles.stack}>
              <CheckPicture check={check} />
              {others.length > 0 && <OtherChecks checks={others} />}
            </div>
          ) : (
            <NoCheck simulator={simulator} />
          )
        }
      </QueryView>
    </Card>
  );
}

function OtherChecks({ checks }: { checks: Check[] }) {
  const { t } = useTranslation('releaseCheck');
  return (
    <section className={styles.others}>
      <h3>{t('last.earlier')}</h3>
      {checks.map((check) => (
        <details key={check.group} className={styles.other}>
          <summary>
            <Icon name="chevronRight" size={16} />
            {t('last.group', { group: check.group })}
            <CheckState state={check.state} />
          </summary>
          <CheckPicture check={check} />
        </details>
      ))}
    </section>
  );
}

function NoCheck({ simulator }: { simulator: string | undefined }) {
  const { t } = useTranslation('releaseCheck');
  return (
    <Empty
      icon="shield"
      title={t('last.emptyTitle')}
      action={
        simulator && (
          <a href={simulator} target="_blank" rel="noreferrer">
            {t('last.openSimulator')}
          </a>
        )
      }
    >
      {t(simulator ? 'last.emptySimulator' : 'last.emptyText')}
    </Empty>
  );
}
