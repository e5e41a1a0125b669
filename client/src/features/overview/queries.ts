import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';
import { day, hour, minute, nowSeconds } from '@/lib/time';

export type Overview = Data<'/wxcomponent/admin/overview'>;
export type PushSeries = Data<'/wxcomponent/admin/push-series'>;

const keys = {
  overview: ['overview'] as const,
  series: (range: Range) => ['overview', 'series', range] as const,
};

export const ranges = ['1h', '24h', '7d', '30d'] as const;
export type Range = (typeof ranges)[number];

/** How much of the past each range shows, and how much of it one bar. */
export const spans: Record<Range, { length: number; step: number }> = {
  '1h': { length: hour, step: minute },
  '24h': { length: day, step: 30 * minute },
  '7d': { length: 7 * day, step: 3 * hour },
  '30d': { length: 30 * day, step: 12 * hour },
};

export const overviewQuery = queryOptions({
  queryKey: keys.overview,
  queryFn: ({ signal }) => request(http.GET('/wxcomponent/admin/overview', { signal })),
  refetchInterval: 15_000,
});

export interface Window {
  from: number;
  to: number;
  step: number;
}

/** The range that ends with the current step. */
export function windowOf(range: Range, now = nowSeconds()): Window {
  const { length, step } = spans[range];
  const to = (Math.floor(now / step) + 1) * step;
  return { from: to - length, to, step };
}

export function seriesQuery(range: Range) {
  return queryOptions({
    queryKey: keys.series(range),
    queryFn: async ({ signal }) => {
      const window = windowOf(range);
      const call = http.GET('/wxcomponent/admin/push-series', {
        params: { query: window },
        signal,
      });
      return { ...window, ...(await request(call)) };
    },
    refetchInterval: range === '1h' ? 15_000 : 60_000,
    placeholderData: keepPreviousData,
  });
}
