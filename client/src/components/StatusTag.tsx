import type { ReactNode } from 'react';
import { cx } from '@/lib/cx';
import { Icon, type IconName } from './Icon';
import styles from './StatusTag.module.css';

export type Tone = 'ok' | 'warn' | 'error' | 'info' | 'plain';

const icons: Record<Tone, IconName | null> = {
  ok: 'check',
  warn: 'warning',
  error: 'error',
  info: 'info',
  plain: null,
};

/** A state in words; the sign in front and the colour only repeat it. */
export function StatusTag({ tone, children }: { tone: Tone; children: ReactNode }) {
  const icon = icons[tone];
  return (
    <span className={cx(styles.tag, styles[tone])}>
      {icon && <Icon name={icon} size={13} />}
      {children}
    </span>
  );
}
