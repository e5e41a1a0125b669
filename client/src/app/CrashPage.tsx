import { useTranslation } from 'react-i18next';
import { useRouteError } from 'react-router';
import { Icon } from '@/components/Icon';
import { Button } from '@/components/Button';
import styles from './CrashPage.module.css';

/** Stands in for a page that broke. */
export function CrashPage({ inFrame }: { inFrame?: boolean }) {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <div className={inFrame ? styles.inFrame : styles.whole} role="alert">
      <Icon name="warning" size={40} />
      <h1>{t('crash.title')}</h1>
      <p>{t('crash.text')}</p>
      <code>{error instanceof Error ? error.message : String(error)}</code>
      <Button
        onClick={() => {
          window.location.reload();
        }}
      >
        {t('action.reload')}
      </Button>
    </div>
  );
}
