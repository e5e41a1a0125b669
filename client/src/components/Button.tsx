import type { ComponentProps, ReactNode } from 'react';
import { Link } from 'react-router';
import { cx } from '@/lib/cx';
import { Icon, type IconName } from './Icon';
import styles from './Button.module.css';

interface Style {
  /** Of several buttons side by side, one is primary. */
  theme?: 'primary' | 'default' | 'danger' | undefined;
  variant?: 'base' | 'outline' | 'text' | undefined;
  size?: 'small' | 'medium' | 'large' | undefined;
  /** As wide as the place it stands in. */
  block?: boolean | undefined;
}

interface Look extends Style {
  icon?: IconName;
  children: ReactNode;
}

function classOf({ theme = 'primary', variant = 'base', size, block }: Style): string {
  return cx(
    styles.button,
    styles[theme],
    variant !== 'base' && styles[variant],
    size && size !== 'medium' && styles[size],
    block && styles.block,
  );
}

function Content({ icon, children }: { icon?: IconName | undefined; children: ReactNode }) {
  return (
    <>
      {icon && <Icon name={icon} size={16} />}
      <span>{children}</span>
    </>
  );
}

type Props = Look & Omit<ComponentProps<'button'>, 'children'> & { loading?: boolean };

/**
 * Always a real button, unlike TDesign's, which turns into a plain box when it is disabled. While
 * `loading`, it keeps the focus but does nothing.
 */
export function Button(props: Props) {
  const { theme, variant, size, block, icon, children, ...own } = props;
  const { loading = false, onClick, className, ...rest } = own;
  return (
    <button
      type="button"
      {...rest}
      aria-busy={loading || undefined}
      className={cx(classOf({ theme, variant, size, block }), loading && styles.loading, className)}
      onClick={(event) => {
        if (loading) event.preventDefault();
        else onClick?.(event);
      }}
    >
      <Content icon={icon}>{children}</Content>
      {loading && <i className={styles.spinner} aria-hidden="true" />}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({ to, ...look }: Look & { to: string }) {
  return (
    <Link to={to} className={classOf(look)}>
      <Content icon={look.icon}>{look.children}</Content>
    </Link>
  );
}
