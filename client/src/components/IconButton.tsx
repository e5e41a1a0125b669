import type { ComponentProps } from 'react';
import { cx } from '@/lib/cx';
import { Icon, type IconName } from './Icon';
import styles from './IconButton.module.css';

interface Props extends Omit<ComponentProps<'button'>, 'children'> {
  icon: IconName;
  /** Says what the button does, to screen readers and on hover. */
  label: string;
  iconSize?: number;
}

export function IconButton({ icon, label, iconSize = 18, className, ...rest }: Props) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cx(styles.button, className)}
      {...rest}
    >
      <Icon name={icon} size={iconSize} />
    </button>
  );
}
