import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { logOut } from '@/api/login';
import { MenuButton } from '@/components/MenuButton';
import { LanguageMenu, ThemeMenu } from '@/components/preferences';
import { paths } from '@/lib/paths';
import styles from './HeaderMenus.module.css';

export function HeaderMenus() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <div className={styles.menus}>
      <LanguageMenu />
      <ThemeMenu />
      <MenuButton
        label={t('user.menu')}
        icon="account"
        items={[
          {
            key: 'password',
            label: t('user.password'),
            icon: 'key',
            onSelect: () => void navigate(paths.password),
          },
          { key: 'logout', label: t('user.logout'), icon: 'logout', onSelect: () => void logOut() },
        ]}
      />
    </div>
  );
}
