import { Button } from './Button';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText } from './errorText';
import { Icon, type IconName } from './Icon';
import styles from './states.module.css';

/** Grey lines in the place of what is being loaded. */
export function Loading({ lines = 4 }: { lines?: number }) {
  const { t } = useTranslation();
  return (
    <div className={styles.loading} role="status">
      <span className="visually-hidden">{t('state.loading')}</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className={styles.line} aria-hidden="true" />
      ))}
    </div>
  );
}

interface EmptyProps {
  icon?: IconName;
  title: string;
  /** Says what the next step is. */
  children?: ReactNode;
  action?: ReactNode;
}

export function Empty({ icon = 'file', title, children, action }: EmptyProps) {
  return (
    <div className={styles.state}>
      <span className={styles.badge}>
        <Icon name={icon} size={24} />
      </span>
      <p className={styles.title}>{title}</p>
      {children && <p className={styles.text}>{children}</p>}
      {action}
    </div>
  );
}

/** A failure in the place of what was to be shown. */
export function Failure({
  error,
  onRetry,
}: {
  error: unknown;
  onRetry?: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const { message, remedy, reference } = errorText(t, error);
  return (
    <div className={styles.state} role="alert">
      <span className={styles.badgeError}>
        <Icon name="error" size={24} />
      </span>
      <p className={styles.title}>{message}</p>
      {remedy && <p className={styles.text}>{remedy}</p>}
      {reference && <code className={styles.text}>{reference}</code>}
      {onRetry && (
        <Button variant="outline" onClick={onRetry}>
          {t('action.retry')}
        </Button>
      )}
    </div>
  );
}

interface Query<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

interface QueryViewProps<T> {
  query: Query<T>;
  lines?: number;
  children: (data: T) => ReactNode;
}

/** Shows a query's data, or that it is loading, or why there is none. Data once shown stays while it is renewed. */
export function QueryView<T>({ query, lines, children }: QueryViewProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isPending) return <Loading {...(lines && { lines })} />;
  return <Failure error={query.error} onRetry={() => void query.refetch()} />;
}
