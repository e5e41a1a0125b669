import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { LanguageMenu, ThemeMenu } from '@/components/preferences';
import styles from './LoginLayout.module.css';

export function LoginLayout({ children }: { children: ReactNode }) {
  const { t } = useTranslation('login');
  return (
    <div className={styles.page}>
      <div className={styles.corner}>
        <LanguageMenu />
        <ThemeMenu />
      </div>
      <main className={styles.card}>
        <header className={styles.header}>
          <img src="/favicon.svg" alt="" width={44} height={44} />
          <h1>{t('title')}</h1>
          <p>{t('subtitle')}</p>
        </header>
        {children}
        <p className={styles.help}>{t('forgotten')}</p>
      </main>
    </div>
  );
}
