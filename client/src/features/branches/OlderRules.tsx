import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Notice } from '@/components/Notice';
import { paths } from '@/lib/paths';
import { byEventCountQuery } from './queries';
import styles from './branches.module.css';

/** Says that rules of the older kind are in force as well, where there are any. */
export function OlderRules() {
  const { t } = useTranslation('branches');
  const count = useQuery(byEventCountQuery).data ?? 0;
  if (count === 0) return null;
  return (
    <div className={styles.older}>
      <Notice tone="info">
        {t('older.text', { count })}{' '}
        <Link to={`${paths.forwardMessage}?tab=component`}>{t('older.link')}</Link>
      </Notice>
    </div>
  );
}
