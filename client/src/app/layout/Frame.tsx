import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet, ScrollRestoration, useNavigation } from 'react-router';
import { IconButton } from '@/components/IconButton';
import { Icon } from '@/components/Icon';
import { SidePanel } from '@/components/Overlay';
import { useKeepLogin } from '@/hooks/useKeepLogin';
import { Brand } from './Brand';
import { HeaderMenus } from './HeaderMenus';
import { SideMenu } from './SideMenu';
import { useFocusOnNavigation } from './useFocusOnNavigation';
import styles from './Frame.module.css';

export function Frame() {
  const { t } = useTranslation();
  const [menuOpen, setMenuOpen] = useState(false);
  const loading = useNavigation().state === 'loading';
  const main = useFocusOnNavigation();
  useKeepLogin();

  return (
    <div className={styles.frame}>
      <button
        type="button"
        className={styles.skip}
        onClick={() => {
          main.current?.focus();
        }}
      >
        {t('frame.skip')}
      </button>
      <aside className={styles.side}>
        <Brand />
        <SideMenu />
      </aside>
      <div className={styles.column}>
        <header className={styles.header}>
          <div className={styles.narrow}>
            <IconButton
              icon="menu"
              label={t('frame.openMenu')}
              onClick={() => {
                setMenuOpen(true);
              }}
            />
            <Brand />
          </div>
          <HeaderMenus />
          {loading && (
            <div className={styles.progress} role="progressbar" aria-label={t('state.loading')} />
          )}
        </header>
        <main ref={main} tabIndex={-1} className={styles.main}>
          <Outlet />
        </main>
      </div>
      {menuOpen && (
        <SidePanel
          title={
            <span className={styles.panelTitle}>
              <Icon name="apps" />
              {t('frame.menu')}
            </span>
          }
          onClose={() => {
            setMenuOpen(false);
          }}
        >
          <SideMenu
            onNavigate={() => {
              setMenuOpen(false);
            }}
          />
        </SidePanel>
      )}
      <ScrollRestoration />
    </div>
  );
}
