import { day, hour } from '@/lib/time';
import type { Health } from './queries';

type Point = Health['points'][number];

/** Puts points into the slots of a window, whole ones from its start; a slot without calls is empty. */
export function slotsOf(points: Point[], window: { from: number; to: number; step: number }) {
  const { from, to, step } = window;
  const slots = Array.from({ length: Math.round((to - from) / step) }, (_, at) => ({
    time: from + at * step,
    delivered: 0,
    failed: 0,
    averageMs: NaN,
    maxMs: NaN,
  }));
  for (const { time, ...rest } of points) {
    const slot = slots[Math.floor((time - from) / step)];
    if (slot) Object.assign(slot, rest);
  }
  return slots;
}

/** The last 24 hours, the present one among them; `thisHour` counts hours since 1970. */
export function lastDay(points: Point[], thisHour: number) {
  const to = (thisHour + 1) * hour;
  return slotsOf(points, { from: to - day, to, step: hour });
}
