import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { IconButton } from '@/components/IconButton';
import { cx } from '@/lib/cx';
import type { LiveStatus } from './follow';
import styles from './ListBar.module.css';

interface Props {
  /** How many are loaded, in words. */
  count: ReactNode;
  status: LiveStatus | 'off';
  /** Whether what arrives now can be in the list at all. */
  canFollow: boolean;
  live: boolean;
  onLive: (live: boolean) => void;
  refreshing: boolean;
  onRefresh: () => void;
  onHelp: () => void;
}

/** The line above the list: how many there are, and whether it follows what arrives. */
export function ListBar(props: Props) {
  const { count, status, canFollow, live, onLive, refreshing, onRefresh, onHelp } = props;
  const { t } = useTranslation('messages');
  return (
    <div className={styles.bar}>
      <span className={styles.count}>{count}</span>
      <span className={styles.status} role="status">
        <i className={cx(styles.dot, styles[status])} />
        {t(`live.${status}`)}
      </span>
      <Button
        size="small"
        variant="outline"
        theme="default"
        disabled={!canFollow}
        icon={live ? 'pause' : 'play'}
        onClick={() => {
          onLive(!live);
        }}
      >
        {t(live ? 'live.pause' : 'live.resume')}
      </Button>
      <Button
        size="small"
        variant="outline"
        theme="default"
        loading={refreshing}
        icon="refresh"
        onClick={onRefresh}
      >
        {t('common:action.refresh')}
      </Button>
      <span className={styles.help}>
        <IconButton icon="info" label={t('keys.title')} onClick={onHelp} />
      </span>
    </div>
  );
}
