import type { ReactNode } from 'react';
import styles from './Stack.module.css';

/** Things under one another, at the distance that cards keep. */
export function Stack({ children }: { children: ReactNode }) {
  return <div className={styles.stack}>{children}</div>;
}
