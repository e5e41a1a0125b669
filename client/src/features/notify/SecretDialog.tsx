import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Notice } from '@/components/Notice';
import { Dialog } from '@/components/Overlay';
import { SecretText } from '@/components/SecretText';
import styles from './notify.module.css';

/** Shows the secret that was made for a webhook, this once. */
export function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useTranslation('notify');
  return (
    <Dialog
      title={t('made.title')}
      width={520}
      onClose={onClose}
      footer={<Button onClick={onClose}>{t('made.close')}</Button>}
    >
      <div className={styles.form}>
        <p>{t('made.text')}</p>
        <SecretText value={secret} name={t('secret.webhook')} />
        <Notice tone="warn">{t('made.once')}</Notice>
      </div>
    </Dialog>
  );
}
