import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { http, request } from '@/api/client';
import { BarChart } from '@/components/BarChart';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { Segmented } from '@/components/Segmented';
import { QueryView } from '@/components/states';
import { currentTag } from '@/lib/i18n';
import { formatTime, type Seconds } from '@/lib/time';
import { RangeBar } from './RangeBar';
import type { Filter } from './types';
import type { FilterState } from './useFilter';
import { isByDay, renewEvery, type Window, windowOf } from './window';
import styles from './Histogram.module.css';

interface Props {
  filter: Filter;
  state: FilterState;
  now: Seconds;
  onZoom: (part: Partial<FilterState>) => void;
}

/** Statistics know the kind of a push, not its account and not its body. */
function kindOf({ infoType, event, msgType, kind }: Filter): string {
  return infoType || event || kind || (msgType === 'event' ? '' : msgType);
}

function isNarrower({ appid, text, id, outcome, msgType, event, kind }: Filter): boolean {
  const anyEvent = event === '' && [msgType, kind].includes('event');
  return anyEvent || [appid, text, id, outcome].some((each) => each !== '');
}

function volumeQuery(window: Window, kind: string, range: string) {
  const query = { ...window, ...(kind && { kind }) };
  return queryOptions({
    queryKey: ['messages', 'volume', query] as const,
    queryFn: async ({ signal }) => {
      const call = http.GET('/wxcomponent/admin/push-series', { params: { query }, signal });
      return { ...(await request(call)), window };
    },
    refetchInterval: renewEvery(range),
    placeholderData: keepPreviousData,
  });
}

/** How many pushes came in over time. Dragging over a part, or choosing it by keys, goes there. */
export function Histogram({ filter, state, now, onZoom }: Props) {
  const { t } = useTranslation('messages');
  const [shape, setShape] = useState<'stacked' | 'total'>('stacked');
  const kind = kindOf(filter) === 'event' ? '' : kindOf(filter);
  const query = useQuery(volumeQuery(windowOf(filter, now), kind, state.range));
  return (
    <Card>
      <h2 className="visually-hidden">{t('volume.title')}</h2>
      <div className={styles.bar}>
        <RangeBar state={state} onChange={onZoom} />
        {state.range === 'custom' && (
          <Button
            size="small"
            variant="outline"
            theme="default"
            icon="refresh"
            onClick={() => {
              onZoom({ range: 'all', from: '', to: '' });
            }}
          >
            {t('volume.reset')}
          </Button>
        )}
        {filter.channel === '' && (
          <Segmented
            label={t('volume.shape')}
            value={shape}
            onChange={setShape}
            items={[
              { value: 'stacked', label: t('volume.stacked') },
              { value: 'total', label: t('volume.total') },
            ]}
          />
        )}
      </div>
      {isNarrower(filter) && <p className={styles.note}>{t('volume.wider')}</p>}
      <QueryView query={query} lines={3}>
        {({ series, window }) => (
          <Bars
            series={series}
            window={window}
            channel={filter.channel}
            total={shape === 'total'}
            zone={state.zone === 'utc' ? 'utc' : 'local'}
            onZoom={onZoom}
          />
        )}
      </QueryView>
    </Card>
  );
}

interface BarsProps {
  series: { channel: string; points: number[][] }[];
  window: Window;
  channel: Filter['channel'];
  total: boolean;
  zone: 'local' | 'utc';
  onZoom: Props['onZoom'];
}

function Bars({ series, window, channel, total, zone, onZoom }: BarsProps) {
  const { t } = useTranslation('messages');
  const { from, to, step } = window;
  const count = Math.round((to - from) / step);
  const valuesOf = (name: string) => {
    const values = new Array<number>(count).fill(0);
    for (const [at = 0, n = 0] of series.find((each) => each.channel === name)?.points ?? []) {
      const slot = Math.floor((at - from) / step);
      if (slot >= 0 && slot < count) values[slot] = (values[slot] ?? 0) + n;
    }
    return values;
  };
  const channels = channel === '' ? (['biz', 'component'] as const) : [channel];
  const layers = channels.map((name) => ({ name: t(`tab.${name}`), values: valuesOf(name) }));
  const sums = Array.from({ length: count }, (_, at) =>
    layers.reduce((sum, { values }) => sum + (values[at] ?? 0), 0),
  );
  const byDay = isByDay(window);
  const slots = Array.from({ length: count }, (_, at) => {
    const time = formatTime(from + at * step, zone);
    return { short: byDay ? time.slice(5, 10) : time.slice(11, 16), long: time.slice(5, 16) };
  });
  const format = (n: number) => new Intl.NumberFormat(currentTag()).format(n);
  return (
    <BarChart
      height={112}
      summary={t('volume.summary', {
        from: slots[0]?.long,
        to: formatTime(to, zone).slice(5, 16),
        total: format(sums.reduce((a, b) => a + b, 0)),
      })}
      series={total ? [{ name: t('volume.total'), values: sums }] : layers}
      slots={slots}
      format={format}
      onZoom={(first, last) => {
        onZoom({
          range: 'custom',
          from: String(from + first * step),
          to: String(from + (last + 1) * step - 1),
        });
      }}
    />
  );
}
