import { type FormEvent, type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './Button';
import { FailureNotice } from './FailureNotice';
import styles from './FormDialog.module.css';
import { Dialog } from './Overlay';

interface Props {
  title: ReactNode;
  width?: number;
  /** What `useForm` returned. */
  form: { busy: boolean; failure: unknown; onSubmit: (event?: FormEvent) => void };
  /** Names the deed; "Save" if left out. */
  submit?: string;
  onClose: () => void;
  children: ReactNode;
}

/** A form in a dialog: its fields, what went wrong with it, and the buttons that send and leave it. */
export function FormDialog({ title, width, form, submit, onClose, children }: Props) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <Dialog
      title={title}
      {...(width !== undefined && { width })}
      onClose={onClose}
      footer={
        <>
          <Button variant="outline" theme="default" disabled={form.busy} onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" form={id} loading={form.busy}>
            {submit ?? t('action.save')}
          </Button>
        </>
      }
    >
      <form id={id} className={styles.form} onSubmit={form.onSubmit} noValidate>
        {children}
        <FailureNotice error={form.failure} />
      </form>
    </Dialog>
  );
}
