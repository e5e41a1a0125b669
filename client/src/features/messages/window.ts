import { day, hour, minute, type Seconds } from '@/lib/time';
import type { Filter } from './types';

/** The time that the histogram shows, and how much of it one bar. */
export interface Window {
  from: Seconds;
  to: Seconds;
  step: number;
}

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080].map(
  (minutes) => minutes * minute,
);
const mostBars = 72;

/** Where a list has no bound, its histogram shows the last week, or the week before its end. */
export const unbounded = 7 * day;

export function windowOf(
  { startTime, endTime }: Pick<Filter, 'startTime' | 'endTime'>,
  now: Seconds,
): Window {
  const end = endTime > 0 ? endTime : now;
  const start = startTime > 0 && startTime < end ? startTime : end - unbounded;
  const step = steps.find((each) => (end - start) / each <= mostBars) ?? 30 * day;
  const from = Math.floor(start / step) * step;
  const to = (Math.floor(end / step) + 1) * step;
  return { from, to, step };
}

/** How the bars are named: by day where they are many days, otherwise by the clock. */
export function isByDay({ from, to, step }: Window): boolean {
  return step >= 12 * hour || to - from > 2 * day;
}

/** How often the histogram is renewed, in milliseconds. */
export function renewEvery(range: string): number | false {
  if (range === 'custom') return false;
  return range === '15m' || range === '1h' ? 20_000 : 60_000;
}
