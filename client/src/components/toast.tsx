import { useSyncExternalStore } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { cx } from '@/lib/cx';
import { Icon } from './Icon';
import { IconButton } from './IconButton';
import styles from './toast.module.css';

interface Toast {
  id: number;
  tone: 'ok' | 'error' | 'info';
  text: string;
}

const shownFor = { ok: 3000, info: 4000, error: 8000 }; // milliseconds
const most = 4;

let toasts: Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function change(next: Toast[]): void {
  toasts = next;
  listeners.forEach((listener) => {
    listener();
  });
}

function dismiss(id: number): void {
  change(toasts.filter((toast) => toast.id !== id));
}

function show(tone: Toast['tone'], text: string): void {
  const id = ++lastId;
  change([...toasts.filter((other) => other.text !== text), { id, tone, text }].slice(-most));
  setTimeout(dismiss, shownFor[tone], id);
}

/** A short word about what just happened, at the edge of the screen. */
export const toast = {
  ok: (text: string) => {
    show('ok', text);
  },
  info: (text: string) => {
    show('info', text);
  },
  error: (text: string) => {
    show('error', text);
  },
};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const icons = { ok: 'check', error: 'error', info: 'info' } as const;

export function Toasts() {
  const { t } = useTranslation();
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return createPortal(
    <div className={styles.region} role="status" aria-live="polite">
      {shown.map(({ id, tone, text }) => (
        <div key={id} className={cx(styles.toast, styles[tone])}>
          <Icon name={icons[tone]} />
          <span className={styles.text}>{text}</span>
          <IconButton
            icon="close"
            iconSize={14}
            label={t('action.close')}
            onClick={() => {
              dismiss(id);
            }}
          />
        </div>
      ))}
    </div>,
    document.body,
  );
}
