import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { StatusTag, type Tone } from '@/components/StatusTag';
import { Empty, QueryView } from '@/components/states';
import { toast } from '@/components/toast';
import { useDestinations } from '@/hooks/useDestinations';
import { useNow } from '@/hooks/useNow';
import { currentTag } from '@/lib/i18n';
import { formatDuration } from '@/lib/time';
import { AttemptList } from './AttemptList';
import { type Attempt, type Delivery, timelineQuery, useRedeliver } from './queries';
import type { Channel } from './types';
import styles from './DeliveryLog.module.css';

/** What happened to a push on its way to targets, target by target. */
export function DeliveryLog({ channel, id }: { channel: Channel; id: number }) {
  const { t } = useTranslation('messages');
  const query = useQuery(timelineQuery(channel, id));
  const { nameOf } = useDestinations();
  return (
    <QueryView query={query} lines={5}>
      {({ deliveries, attempts }) => {
        const targets = [...new Set([...deliveries, ...attempts].map(({ target }) => target))];
        if (targets.length === 0) {
          return (
            <Empty icon="forward" title={t('log.none')}>
              {t('log.noneText')}
            </Empty>
          );
        }
        return targets.map((target) => (
          <TargetLog
            key={target}
            channel={channel}
            id={id}
            name={nameOf(target)}
            deliveries={deliveries.filter((each) => each.target === target)}
            attempts={attempts.filter((each) => each.target === target)}
          />
        ));
      }}
    </QueryView>
  );
}

interface Props {
  channel: Channel;
  id: number;
  name: string;
  /** Oldest first. */
  deliveries: Delivery[];
  /** Newest first. */
  attempts: Attempt[];
}

function TargetLog({ channel, id, name, deliveries, attempts }: Props) {
  const { t } = useTranslation('messages');
  const redeliver = useRedeliver({ channel, id });
  const last = deliveries.at(-1);
  return (
    <section className={styles.target} aria-label={name}>
      <header className={styles.header}>
        <h3>{name}</h3>
        {last && <DeliveryState delivery={last} />}
        {last && (
          <Button
            size="small"
            variant="outline"
            icon="refresh"
            loading={redeliver.isPending}
            onClick={() => {
              redeliver.mutate(last.id, {
                onSuccess: ({ count }) => {
                  if (count > 0) toast.ok(t('log.again'));
                  else toast.info(t('log.underWay'));
                },
              });
            }}
          >
            {t(last.state === 'pending' ? 'log.now' : 'log.redeliver')}
          </Button>
        )}
      </header>
      {last?.lastError && last.state !== 'delivered' && attempts.length === 0 && (
        <p className={styles.error}>{t('log.reason', { reason: last.lastError })}</p>
      )}
      <AttemptList attempts={attempts} />
    </section>
  );
}

const tones: Record<string, Tone> = {
  pending: 'info',
  delivered: 'ok',
  dead: 'error',
  cancelled: 'plain',
};

function DeliveryState({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation('messages');
  const { state, nextTime } = delivery;
  return (
    <span className={styles.state}>
      <StatusTag tone={tones[state] ?? 'plain'}>
        {t(`log.state.${state}`, { defaultValue: state })}
      </StatusTag>
      {state === 'pending' && nextTime !== undefined && <NextTry at={nextTime / 1000} />}
    </span>
  );
}

/** Counts down to the next call. */
function NextTry({ at }: { at: number }) {
  const { t } = useTranslation('messages');
  const left = at - useNow();
  return (
    <small>
      {left > 0 ? t('log.next', { in: formatDuration(left, currentTag()) }) : t('log.due')}
    </small>
  );
}
