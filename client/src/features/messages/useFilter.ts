import { useMemo, useState } from 'react';
import { useUrlState } from '@/hooks/useUrlState';
import { day, hour, minute, nowSeconds } from '@/lib/time';
import { type Filter, outcomes, type Tab, tabs } from './types';

const defaults = {
  tab: '',
  appid: '',
  infoType: '',
  msgType: '',
  event: '',
  kind: '',
  text: '',
  id: '',
  outcome: '',
  target: '',
  range: 'all',
  from: '',
  to: '',
  zone: 'local',
  /** The push that is open in the drawer. */
  open: '',
};

export type FilterState = typeof defaults;

/** Quick ranges, in seconds back from now. */
export const quickRanges = { '15m': 15 * minute, '1h': hour, '24h': day, '7d': 7 * day } as const;

export const rangeNames = ['all', '15m', '1h', '24h', '7d', 'custom'] as const;

/** What is looked for, kept in the page's address. `reckon` moves a quick range up to now. */
export function useFilter() {
  const [state, change] = useUrlState(defaults);
  const [now, setNow] = useState(nowSeconds);
  const { appid, infoType, msgType, event, kind, text, id, target, range, from, to } = state;
  const tab = tabOf(state);
  const outcome = outcomes.find((each) => each === state.outcome) ?? '';

  const filter = useMemo<Filter>(() => {
    const own = {
      all: { channel: '' as const, infoType: '', msgType: '', event: '', kind },
      component: { channel: 'component' as const, infoType, msgType: '', event: '', kind: '' },
      biz: { channel: 'biz' as const, infoType: '', msgType, event, kind: '' },
    }[tab];
    return { ...own, appid, text, id, outcome, target, ...bounds(range, from, to, now) };
  }, [tab, appid, infoType, msgType, event, kind, text, id, outcome, target, range, from, to, now]);

  const reckon = () => {
    setNow(nowSeconds());
  };
  return { state, change, tab, filter, now, reckon };
}

/** An address that names no tab but an authorization event means the tab of those. */
function tabOf({ tab, infoType }: FilterState): Tab {
  return tabs.find((each) => each === tab) ?? (infoType ? 'component' : 'all');
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
