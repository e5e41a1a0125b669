import { useTranslation } from 'react-i18next';
import { Details } from '@/components/Details';
import { IconButton } from '@/components/IconButton';
import { Notice } from '@/components/Notice';
import { StatusTag } from '@/components/StatusTag';
import { TimeText } from '@/components/TimeText';
import { ChannelSwitch } from './ChannelSwitch';
import { allEvents, remedyFor } from './kinds';
import { Missed } from './Missed';
import type { Channel } from './queries';
import { TestButton } from './TestButton';
import styles from './notify.module.css';

interface Props {
  channel: Channel;
  onOpen: (what: 'edit' | 'delete') => void;
}

/** One channel: where it leads, what it is told, and how the last message went. */
export function ChannelCard({ channel, onOpen }: Props) {
  const { t } = useTranslation('notify');
  const { name, kind, events, lastTime, lastOk, lastError } = channel;
  const all = allEvents.every((event) => events.includes(event));
  const names = events.map((event) => t(`event.${event}`)).join(t('comma'));
  const remedy = lastError ? remedyFor(t, lastError) : undefined;
  return (
    <li className={styles.channel} aria-label={name}>
      <header className={styles.head}>
        <div className={styles.name}>
          <h3>{name}</h3>
          <span className={styles.kind}>{t(`kind.${kind}`)}</span>
        </div>
        <ChannelSwitch channel={channel} />
      </header>
      <div>
        <State channel={channel} />
      </div>
      <Details
        rows={[
          [t('field.url'), <code className={styles.address}>{channel.url}</code>],
          [t('field.secret'), channel.secret ? t('signed') : kind === 'wecom' ? '' : t('unsigned')],
          [t('field.events'), all ? t('allEvents') : names],
          [t('lastTime'), <TimeText at={lastTime} relative />],
        ]}
      />
      {lastTime !== undefined && !lastOk && (
        <Notice tone="error">
          {lastError}
          {remedy && <p>{remedy}</p>}
        </Notice>
      )}
      {channel.missed > 0 && <Missed channel={channel} />}
      <footer className={styles.foot}>
        <TestButton channel={channel} />
        <div className={styles.tools}>
          <IconButton
            icon="edit"
            label={t('edit.label', { name })}
            onClick={() => {
              onOpen('edit');
            }}
          />
          <IconButton
            icon="trash"
            label={t('delete.label', { name })}
            onClick={() => {
              onOpen('delete');
            }}
          />
        </div>
      </footer>
    </li>
  );
}

function State({ channel: { enabled, lastTime, lastOk } }: { channel: Channel }) {
  const { t } = useTranslation('notify');
  if (!enabled) return <StatusTag tone="plain">{t('state.off')}</StatusTag>;
  if (!lastTime) return <StatusTag tone="info">{t('state.new')}</StatusTag>;
  return lastOk ? (
    <StatusTag tone="ok">{t('state.ok')}</StatusTag>
  ) : (
    <StatusTag tone="error">{t('state.failing')}</StatusTag>
  );
}
