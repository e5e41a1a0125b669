import type { ReactNode } from 'react';
import { cx } from '@/lib/cx';
import { Icon } from './Icon';
import type { Tone } from './StatusTag';
import styles from './Notice.module.css';

interface Props {
  tone: Exclude<Tone, 'plain'>;
  children: ReactNode;
  /** Announced at once; for what happened just now. */
  live?: boolean;
}

const icons = { ok: 'check', warn: 'warning', error: 'error', info: 'info' } as const;

export function Notice({ tone, children, live }: Props) {
  return (
    <div className={cx(styles.notice, styles[tone])} role={live ? 'alert' : undefined}>
      <Icon name={icons[tone]} />
      <div className={styles.text}>{children}</div>
    </div>
  );
}
