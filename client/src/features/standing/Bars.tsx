import { Link } from 'react-router';
import { cx } from '@/lib/cx';
import { currentTag } from '@/lib/i18n';
import styles from './standing.module.css';

interface Bar {
  name: string;
  count: number;
  /** Where those counted are listed. */
  to: string;
  /** Nothing that calls for attention. */
  quiet?: boolean;
}

/** A bar for each count. The counts stand beside them in digits, so the bars themselves say nothing new. */
export function Bars({ label, bars }: { label: string; bars: Bar[] }) {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const number = new Intl.NumberFormat(currentTag());
  return (
    <ul className={styles.bars} aria-label={label}>
      {bars.map(({ name, count, to, quiet }) => (
        <li key={name}>
          <Link to={to}>{name}</Link>
          <span className={styles.track} aria-hidden="true">
            <i
              className={cx(styles.bar, quiet && styles.quiet)}
              style={{ width: `${(count / most) * 100}%` }}
            />
          </span>
          <b>{number.format(count)}</b>
        </li>
      ))}
    </ul>
  );
}
