import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { paths } from '@/lib/paths';
import styles from './Brand.module.css';

export function Brand() {
  const { t } = useTranslation();
  return (
    <Link
      to={paths.home}
      className={styles.brand}
      aria-label={`微管家 wxcomponent · ${t('menu.home')}`}
    >
      <img src="/favicon.svg" alt="" width={28} height={28} />
      <span className={styles.name}>微管家</span>
      <span className={styles.sub}>wxcomponent</span>
    </Link>
  );
}
