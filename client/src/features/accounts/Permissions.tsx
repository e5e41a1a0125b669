import { useTranslation } from 'react-i18next';
import { permissionName } from './names';
import type { PermissionSet } from './queries';
import styles from './accounts.module.css';

export function Permissions({ sets }: { sets: PermissionSet[] }) {
  const { t } = useTranslation('accounts');
  return (
    <section>
      <h3 className={styles.heading}>{t('permission.title', { count: sets.length })}</h3>
      {sets.length === 0 ? (
        <p className={styles.muted}>{t('permission.none')}</p>
      ) : (
        <ul className={styles.permissions}>
          {sets.map((set) => (
            <li key={set.id}>
              <code>{set.id}</code>
              {permissionName(t, set)}
              {set.exclusive && <small>{t('permission.exclusive')}</small>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
