import { type ReactNode, useId, useRef } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { useOverlay } from '@/hooks/useOverlay';
import { cx } from '@/lib/cx';
import { IconButton } from './IconButton';
import styles from './Overlay.module.css';

interface Props {
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
  /** The row of buttons at the end. */
  footer?: ReactNode;
  /** Beside the title. */
  extra?: ReactNode;
}

interface PanelProps extends Props {
  shape: 'dialog' | 'drawer' | 'side';
  width?: number;
}

function Panel({ title, onClose, children, footer, extra, shape, width }: PanelProps) {
  const { t } = useTranslation();
  const ref = useRef<HTMLDivElement>(null);
  const heading = useId();
  useOverlay(ref, onClose);
  return createPortal(
    <div className={cx(styles.layer, styles[shape])}>
      <div className={styles.backdrop} onClick={onClose} />
      <div
        ref={ref}
        className={styles.panel}
        role="dialog"
        aria-modal="true"
        aria-labelledby={heading}
        tabIndex={-1}
        style={width ? { maxWidth: width } : undefined}
      >
        <header className={styles.header}>
          <h2 id={heading}>{title}</h2>
          <div className={styles.extra}>
            {extra}
            <IconButton icon="close" label={t('action.close')} onClick={onClose} />
          </div>
        </header>
        <div className={styles.body}>{children}</div>
        {footer && <footer className={styles.footer}>{footer}</footer>}
      </div>
    </div>,
    document.body,
  );
}

/** Mount it to open it. On phones it rises from the bottom edge. */
export function Dialog(props: Props & { width?: number }) {
  return <Panel {...props} shape="dialog" />;
}

/** A panel at the right edge, for details beside a list. Mount it to open it. */
export function Drawer(props: Props & { width?: number }) {
  return <Panel {...props} shape="drawer" />;
}

/** A panel at the left edge, for the menu on phones. */
export function SidePanel(props: Props) {
  return <Panel {...props} shape="side" />;
}
