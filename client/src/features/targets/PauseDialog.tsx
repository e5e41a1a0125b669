import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { TextField } from '@/components/Field';
import { pauseTarget, type Target } from './queries';
import styles from './targets.module.css';
import { useTargetDeed } from './useTargetDeed';

/** Keeps a target's deliveries from now on. */
export function PauseDialog({ target, onClose }: { target: Target; onClose: () => void }) {
  const { t } = useTranslation('targets');
  const [reason, setReason] = useState('');
  const { id, name } = target;
  const pause = useTargetDeed({
    deed: () => pauseTarget(id, true, reason.trim()),
    done: t('pause.done', { name }),
    onDone: onClose,
    errorShown: true,
  });
  return (
    <ConfirmDialog
      title={t('pause.title', { name })}
      confirm={t('deed.pause')}
      busy={pause.isPending}
      error={pause.error}
      onConfirm={() => {
        pause.mutate(undefined);
      }}
      onClose={onClose}
    >
      <div className={styles.form}>
        <p>{t('pause.text')}</p>
        <TextField
          label={t('pause.reason')}
          placeholder={t('pause.reasonHint')}
          maxLength={191}
          value={reason}
          onChange={setReason}
        />
      </div>
    </ConfirmDialog>
  );
}
