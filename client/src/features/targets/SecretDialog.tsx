import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { CopyButton } from '@/components/CopyButton';
import { Notice } from '@/components/Notice';
import { Dialog } from '@/components/Overlay';
import styles from './targets.module.css';
import { VerifyCode } from './VerifyCode';

interface Props {
  /** Of the target. */
  name: string;
  secret: string;
  onClose: () => void;
}

/** A signing secret in clear, this once. */
export function SecretDialog({ name, secret, onClose }: Props) {
  const { t } = useTranslation('targets');
  return (
    <Dialog
      title={t('secret.title', { name })}
      width={640}
      onClose={onClose}
      footer={<Button onClick={onClose}>{t('secret.saved')}</Button>}
    >
      <div className={styles.form}>
        <Notice tone="warn">{t('secret.once')}</Notice>
        <div className={styles.secret}>
          <code data-secret>{secret}</code>
          <CopyButton text={secret} label={t('common:copy.named', { name: t('secret.name') })} />
        </div>
        <VerifyCode />
      </div>
    </Dialog>
  );
}
