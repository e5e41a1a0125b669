import type { ReactNode } from 'react';
import { cx } from '@/lib/cx';
import styles from './Sheet.module.css';

type Mood = 'plain' | 'busy' | 'ok' | 'error';

interface Props {
  mood?: Mood;
  /** Of the account or platform; a sign stands in its place when there is none. */
  picture?: string | undefined;
  title: string;
  children?: ReactNode;
}

const signs: Record<Mood, string> = {
  plain: 'M12 3 5 6v5c0 4.5 3 8.2 7 10 4-1.8 7-5.5 7-10V6l-7-3Zm-3 8.8 2.2 2.2L15.5 9.7',
  busy: 'M12 4a8 8 0 1 1-8 8',
  ok: 'm6 12.5 4 4 8-9',
  error: 'M12 7v6m0 4h.01',
};

/** The one sheet that a merchants' page is. What changes on it is announced. */
export function Sheet({ mood = 'plain', picture, title, children }: Props) {
  return (
    <main className={styles.page}>
      <div className={styles.sheet} role="status" aria-busy={mood === 'busy'}>
        {picture ? (
          <img className={styles.picture} src={picture} alt="" width={72} height={72} />
        ) : (
          <span className={cx(styles.sign, styles[mood])}>
            <svg viewBox="0 0 24 24" width="36" height="36" aria-hidden="true">
              <path d={signs[mood]} />
            </svg>
          </span>
        )}
        <h1 className={styles.title}>{title}</h1>
        {children}
      </div>
    </main>
  );
}

export function Text({ children }: { children: ReactNode }) {
  return <p className={styles.text}>{children}</p>;
}

interface ActionProps {
  busy?: boolean;
  onClick: () => void;
  children: ReactNode;
}

export function Action({ busy = false, onClick, children }: ActionProps) {
  return (
    <button
      type="button"
      className={styles.action}
      aria-busy={busy}
      onClick={() => {
        if (!busy) onClick();
      }}
    >
      {children}
    </button>
  );
}
