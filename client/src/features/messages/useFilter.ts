import { useMemo, useState } from 'react';
import { useUrlState } from '@/hooks/useUrlState';
import { day, hour, minute, nowSeconds } from '@/lib/time';
import type { Channel, Filter } from './types';

const defaults = {
  tab: 'component',
  appid: '',
  infoType: '',
  msgType: '',
  event: '',
  range: 'all',
  from: '',
  to: '',
};

export type FilterState = typeof defaults;

/** Quick ranges, in seconds back from now. */
export const quickRanges = { '15m': 15 * minute, '1h': hour, '24h': day, '7d': 7 * day } as const;

export const rangeNames = ['all', '15m', '1h', '24h', '7d', 'custom'] as const;

/** What is looked for, kept in the page's address. `reckon` moves a quick range up to now. */
export function useFilter() {
  const [state, change] = useUrlState(defaults);
  const [now, setNow] = useState(nowSeconds);
  const { tab, appid, infoType, msgType, event, range, from, to } = state;
  const channel: Channel = tab === 'biz' ? 'biz' : 'component';

  const filter = useMemo<Filter>(() => {
    const own =
      channel === 'biz'
        ? { appid, msgType, event, infoType: '' }
        : { appid: '', msgType: '', event: '', infoType };
    return { ...own, ...bounds(range, from, to, now) };
  }, [channel, appid, infoType, msgType, event, range, from, to, now]);

  const reckon = () => {
    setNow(nowSeconds());
  };
  return { state, change, channel, filter, reckon };
}

function bounds(range: string, from: string, to: string, now: number) {
  if (range === 'custom') return { startTime: seconds(from), endTime: seconds(to) };
  const back = Object.entries(quickRanges).find(([name]) => name === range)?.[1];
  return { startTime: back ? now - back : 0, endTime: 0 };
}

/** A whole number of seconds from the address; anything else is no bound. */
function seconds(text: string): number {
  return /^\d{1,12}$/.test(text) ? Number(text) : 0;
}
