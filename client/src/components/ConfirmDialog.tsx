import { Button } from './Button';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from './Overlay';
import { Notice } from './Notice';
import { errorText } from './errorText';

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
  const failure = error ? errorText(t, error) : null;
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
      {failure && (
        <Notice tone="error" live>
          {failure.message} {failure.remedy}
        </Notice>
      )}
    </Dialog>
  );
}
