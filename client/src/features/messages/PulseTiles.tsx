import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { StatTile, StatTiles } from '@/components/StatTiles';
import { useNow } from '@/hooks/useNow';
import { currentTag } from '@/lib/i18n';
import { formatDuration } from '@/lib/time';
import { pulseQuery } from './queries';
import type { FilterState } from './useFilter';

const counted = 10_000;
/** Below this share of good calls, the figure is marked. */
const enough = 0.95;

/** How receiving and forwarding go at the moment. The last two figures show what they count. */
export function PulseTiles({ onShow }: { onShow: (part: Partial<FilterState>) => void }) {
  const { t } = useTranslation('messages');
  const { data } = useQuery(pulseQuery);
  const now = useNow();
  const number = (value: number, digits = 0) =>
    new Intl.NumberFormat(currentTag(), { maximumFractionDigits: digits }).format(value);
  const amount = (value: number) => (value > counted ? `${number(counted)}+` : number(value));
  const calls = data ? data.delivered + data.failed : 0;
  const share = data && calls > 0 ? data.delivered / calls : undefined;
  const age = data?.pendingFrom ? now - data.pendingFrom / 1000 : 0;
  return (
    <StatTiles label={t('pulse.label')}>
      <StatTile
        name={t('pulse.received')}
        value={data ? number(data.perSecond, data.perSecond < 10 ? 2 : 0) : '—'}
        note={t('pulse.receivedNote')}
      />
      <StatTile
        name={t('pulse.success')}
        value={share === undefined ? '—' : `${number(Math.floor(share * 1000) / 10, 1)}%`}
        note={t('pulse.successNote', { calls: number(calls) })}
        alarming={share !== undefined && share < enough}
      />
      <StatTile
        name={t('pulse.latency')}
        value={data?.p95Ms !== undefined && calls > 0 ? `${number(data.p95Ms)} ms` : '—'}
        note={t('pulse.latencyNote', { median: data && calls > 0 ? number(data.medianMs) : '—' })}
      />
      <StatTile
        name={t('pulse.pending')}
        value={data ? amount(data.pending) : '—'}
        note={
          age >= 1
            ? t('pulse.pendingNote', { age: formatDuration(age, currentTag()) })
            : t('pulse.none')
        }
        onClick={() => {
          onShow({ outcome: 'pending' });
        }}
      />
      <StatTile
        name={t('pulse.dead')}
        value={data ? amount(data.dead) : '—'}
        note={t(data && data.dead > 0 ? 'pulse.deadNote' : 'pulse.none')}
        alarming={!!data && data.dead > 0}
        onClick={() => {
          onShow({ outcome: 'dead' });
        }}
      />
    </StatTiles>
  );
}
