import 'tdesign-react/es/button/style/index.css';
import type { ComponentProps } from 'react';
import { cx } from '@/lib/cx';
import styles from './PlainButton.module.css';

interface Props extends ComponentProps<'button'> {
  busy?: boolean;
  large?: boolean;
}

/** TDesign's primary button without TDesign's script, for pages that must be small. */
export function PlainButton({ busy = false, large, className, children, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy}
      className={cx(
        't-button t-button--theme-primary t-button--variant-base',
        large && 't-size-l',
        busy && styles.busy,
        className,
      )}
    >
      <span className="t-button__text">{children}</span>
    </button>
  );
}
