import { type ReactNode, useId } from 'react';
import { cx } from '@/lib/cx';
import styles from './Card.module.css';

interface Props {
  title?: ReactNode;
  description?: ReactNode;
  /** Buttons and switches at the right of the title. */
  actions?: ReactNode;
  /** Contents reach the edges: for tables and lists. */
  flush?: boolean;
  children: ReactNode;
}

export function Card({ title, description, actions, flush, children }: Props) {
  const heading = useId();
  return (
    <section className={styles.card} aria-labelledby={title ? heading : undefined}>
      {title && (
        <header className={styles.header}>
          <div className={styles.titles}>
            <h2 id={heading}>{title}</h2>
            {description && <p className={styles.description}>{description}</p>}
          </div>
          {actions && <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      <div className={cx(styles.body, flush && styles.flush)}>{children}</div>
    </section>
  );
}
