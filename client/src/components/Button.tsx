import 'tdesign-react/es/button/style/index.css';
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

const sizes = { small: 't-size-s', medium: '', large: 't-size-l' };

function classOf({ theme = 'primary', variant = 'base', size = 'medium', block }: Style): string {
  return cx(
    't-button t-button--shape-rectangle',
    `t-button--theme-${theme}`,
    `t-button--variant-${variant}`,
    sizes[size],
    block && 't-size-full-width',
    styles.button,
  );
}

function Content({ icon, children }: { icon?: IconName | undefined; children: ReactNode }) {
  return (
    <>
      {icon && <Icon name={icon} size={16} />}
      <span className="t-button__text">{children}</span>
    </>
  );
}

type Props = Look & Omit<ComponentProps<'button'>, 'children'> & { loading?: boolean };

/**
 * TDesign's button in looks, and always a real button: TDesign's own turns into a plain box when it
 * is disabled. While `loading`, it keeps the focus but does nothing.
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
    <Link to={to} className={cx(classOf(look), styles.link)}>
      <Content icon={look.icon}>{look.children}</Content>
    </Link>
  );
}
