/** Every time of the API is in whole seconds since 1970; the pages call such a number Seconds. */
export type Seconds = number;

export const minute = 60;
export const hour = 3600;
export const day = 86_400;

export function nowSeconds(): Seconds {
  return Math.floor(Date.now() / 1000);
}

/** "2026-11-22 21:08:05" in the reader's zone, or in UTC. */
export function formatTime(at: Seconds, zone: 'local' | 'utc' = 'local'): string {
  const d = new Date(at * 1000);
  const p = (n: number) => String(n).padStart(2, '0');
  return zone === 'utc'
    ? `${d.getUTCFullYear()}-${p(d.getUTCMonth() + 1)}-${p(d.getUTCDate())} ` +
        `${p(d.getUTCHours())}:${p(d.getUTCMinutes())}:${p(d.getUTCSeconds())}`
    : `${d.getFullYear()}-${p(d.getMonth() + 1)}-${p(d.getDate())} ` +
        `${p(d.getHours())}:${p(d.getMinutes())}:${p(d.getSeconds())}`;
}

/** "21:08" today, otherwise "11-22 21:08". */
export function formatShort(at: Seconds, now: Seconds = nowSeconds()): string {
  const full = formatTime(at);
  return full.slice(0, 10) === formatTime(now).slice(0, 10)
    ? full.slice(11, 16)
    : full.slice(5, 16);
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', day],
  ['hour', hour],
  ['minute', minute],
  ['second', 1],
];

/** "3 minutes ago", "in 2 hours", in the given language. */
export function formatRelative(at: Seconds, tag: string, now: Seconds = nowSeconds()): string {
  const delta = at - now;
  const [unit, size] = steps.find(([, s]) => Math.abs(delta) >= s) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }).format(
    Math.trunc(delta / size),
    unit,
  );
}

/** "1 hr 20 min", "1小时20分钟": a length of time, in at most two units. */
export function formatDuration(seconds: number, tag: string): string {
  const left = Math.max(0, Math.floor(seconds));
  const parts: [number, 'day' | 'hour' | 'minute' | 'second'][] = [
    [Math.floor(left / day), 'day'],
    [Math.floor((left % day) / hour), 'hour'],
    [Math.floor((left % hour) / minute), 'minute'],
    [left % minute, 'second'],
  ];
  const first = parts.findIndex(([n]) => n > 0);
  const shown = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2).filter(([n]) => n > 0);
  const words = shown.map(([n, unit]) =>
    new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: 'short' }).format(n),
  );
  return new Intl.ListFormat(tag, { type: 'unit', style: 'narrow' }).format(words);
}
