import { Button } from './Button';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FailureNotice } from './FailureNotice';
import { Dialog } from './Overlay';

interface Props {
  title: ReactNode;
  children?: ReactNode;
  /** Names the deed: "Delete", not "OK". */
  confirm: string;
  danger?: boolean;
  busy?: boolean;
  error?: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before a deed. It stays open while the deed is `busy` and shows its `error`; the caller unmounts it. */
export function ConfirmDialog(props: Props) {
  const { title, children, confirm, danger, busy = false, error, onConfirm, onClose } = props;
  const { t } = useTranslation();
  return (
    <Dialog
      title={title}
      onClose={onClose}
      width={440}
      footer={
        <>
          <Button variant="outline" theme="default" onClick={onClose} disabled={busy}>
            {t('action.cancel')}
          </Button>
          <Button theme={danger ? 'danger' : 'primary'} loading={busy} onClick={onConfirm}>
            {confirm}
          </Button>
        </>
      }
    >
      {children}
      <FailureNotice error={error} />
    </Dialog>
  );
}
