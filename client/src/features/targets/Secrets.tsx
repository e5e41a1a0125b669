import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { StatusTag } from '@/components/StatusTag';
import { TimeText } from '@/components/TimeText';
import type { Target } from './queries';
import styles from './targets.module.css';

interface Props {
  secrets: Target['secrets'];
  onRotate: () => void;
}

/** The secrets that sign what the target gets, newest first. */
export function Secrets({ secrets, onRotate }: Props) {
  const { t } = useTranslation('targets');
  return (
    <section className={styles.section}>
      <header className={styles.sectionHead}>
        <h3>{t('secret.name')}</h3>
        <Button variant="outline" theme="default" size="small" icon="key" onClick={onRotate}>
          {t('deed.rotate')}
        </Button>
      </header>
      <ul className={styles.secrets}>
        {secrets.map(({ secret, createTime, expireTime }, at) => (
          <li key={at}>
            <code>{secret}</code>
            {expireTime ? (
              <StatusTag tone="warn">
                {t('secret.until')} <TimeText at={expireTime} relative />
              </StatusTag>
            ) : (
              <StatusTag tone="ok">{t('secret.current')}</StatusTag>
            )}
            <span className={styles.muted}>
              {t('secret.since')} <TimeText at={createTime} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
