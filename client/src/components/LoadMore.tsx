import type { ReactNode } from 'react';
import { Button } from './Button';
import styles from './LoadMore.module.css';

interface Props {
  loading: boolean;
  onClick: () => void;
  children: ReactNode;
}

/** The end of a list that has more. */
export function LoadMore({ loading, onClick, children }: Props) {
  return (
    <div className={styles.more}>
      <Button variant="text" theme="primary" loading={loading} onClick={onClick}>
        {children}
      </Button>
    </div>
  );
}
