import { expect, it } from 'vitest';
import { day, hour, minute } from '@/lib/time';
import { windowOf } from './window';

const now = 1_795_000_030;

it.each([
  ['15 minutes', now - 15 * minute, 0, minute, 16],
  ['a day', now - day, 0, 30 * minute, 49],
  ['a week', now - 7 * day, 0, 3 * hour, 57],
  ['without bound', 0, 0, 3 * hour, 57],
  ['a minute in the past', now - day, now - day + 30, minute, 2],
  ['upside down', now, now - day, 3 * hour, 57],
])('%s', (_name, startTime, endTime, step, bars) => {
  const window = windowOf({ startTime, endTime }, now);
  expect(window.step).toBe(step);
  expect((window.to - window.from) / step).toBeLessThanOrEqual(bars);
  expect((window.to - window.from) / step).toBeGreaterThanOrEqual(bars - 1);
  expect(window.to).toBeGreaterThan(endTime || now);
  expect(window.from % step).toBe(0);
});
