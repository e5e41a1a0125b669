import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { FailureNotice } from '@/components/FailureNotice';
import { useQuotaReset, useTicketStart } from '@/hooks/usePlatformCall';
import styles from './TokenCard.module.css';

/** What gets the platform going again when its ticket or its quota has run out. */
export function RemedyCard() {
  const { t } = useTranslation('tokens');
  const [asking, setAsking] = useState(false);
  const [bySecret, setBySecret] = useState(false);
  const start = useTicketStart(t('remedy.startDone'));
  const reset = useQuotaReset(t('remedy.clearDone'), () => {
    setAsking(false);
  });
  const ask = (withSecret: boolean) => {
    reset.reset();
    setBySecret(withSecret);
    setAsking(true);
  };
  return (
    <Card title={t('remedy.title')} description={t('remedy.text')}>
      <div className={styles.body}>
        <FailureNotice error={start.error} />
        <div className={styles.buttons}>
          <Button
            theme="default"
            variant="outline"
            loading={start.isPending}
            onClick={() => {
              start.mutate();
            }}
          >
            {t('remedy.start')}
          </Button>
          <Button
            theme="default"
            variant="outline"
            onClick={() => {
              ask(false);
            }}
          >
            {t('remedy.clear')}
          </Button>
          <Button
            theme="default"
            variant="outline"
            onClick={() => {
              ask(true);
            }}
          >
            {t('remedy.clearBySecret')}
          </Button>
        </div>
      </div>
      {asking && (
        <ConfirmDialog
          title={t('remedy.clear')}
          confirm={t('remedy.clear')}
          busy={reset.isPending}
          error={reset.error}
          onConfirm={() => {
            reset.mutate(bySecret);
          }}
          onClose={() => {
            setAsking(false);
          }}
        >
          <p>{t('remedy.clearText')}</p>
        </ConfirmDialog>
      )}
    </Card>
  );
}
