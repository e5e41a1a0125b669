import type { ReactNode } from 'react';
import styles from './FilterGrid.module.css';

/** The fields that narrow a list, side by side as far as there is room. */
export function FilterGrid({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.grid} role="search" aria-label={label}>
      {children}
    </div>
  );
}
