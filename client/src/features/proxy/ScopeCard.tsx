import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import styles from './proxy.module.css';

const never = ['/wxcomponent', '/wxcallback', '/inner', '/metrics', '/healthz', '/readyz'];

/** What reaches the provider's service, and what never does. */
export function ScopeCard() {
  const { t } = useTranslation('proxy');
  return (
    <Card title={t('scope.title')}>
      <div className={styles.stack}>
        <p>{t('scope.yes')}</p>
        <p>{t('scope.dashboard')}</p>
        <div>
          <p>{t('scope.never')}</p>
          <ul className={styles.paths}>
            {never.map((path) => (
              <li key={path}>
                <code>{path}</code>
              </li>
            ))}
          </ul>
        </div>
        <p>{t('scope.down')}</p>
      </div>
    </Card>
  );
}
