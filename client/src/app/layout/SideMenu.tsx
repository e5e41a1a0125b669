import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import { Icon } from '@/components/Icon';
import { menu } from '../menu';
import styles from './SideMenu.module.css';

export function SideMenu({ onNavigate }: { onNavigate?: () => void }) {
  const { t } = useTranslation();
  return (
    <nav aria-label={t('frame.menu')} className={styles.menu}>
      {menu.map((group) => (
        <div key={group.title ?? ''}>
          {group.title && <p className={styles.title}>{t(group.title)}</p>}
          <ul>
            {group.entries.map((entry) => (
              <li key={entry.to}>
                <NavLink to={entry.to} className={styles.link ?? ''} onClick={onNavigate}>
                  <Icon name={entry.icon} />
                  {t(entry.title)}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
