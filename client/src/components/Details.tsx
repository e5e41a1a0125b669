import type { ReactNode } from 'react';
import styles from './Details.module.css';

/** Names and values. Rows whose value is missing are left out. */
export function Details({ rows }: { rows: [name: ReactNode, value: ReactNode][] }) {
  return (
    <dl className={styles.list}>
      {rows.map(
        ([name, value], at) =>
          value !== undefined &&
          value !== null &&
          value !== '' && (
            <div key={at} className={styles.row}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
