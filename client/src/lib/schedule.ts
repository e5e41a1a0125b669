import { day, hour, minute } from './time';

/** The pauses in seconds before the second, third, … attempt of a delivery, where nothing else is set. */
export const usualPauses = [
  5,
  30,
  2 * minute,
  10 * minute,
  30 * minute,
  2 * hour,
  6 * hour,
  12 * hour,
  day,
];

const units: Record<string, number> = { s: 1, m: minute, h: hour, d: day };

/** Reads "5s, 30s, 2m, 1h": seconds, a bare number being seconds as well; null when it cannot be read. */
export function parsePauses(text: string): number[] | null {
  const parts = text
    .toLowerCase()
    .split(/[\s,，、]+/)
    .filter(Boolean);
  const pauses = parts.map((part) => {
    const [, digits, unit = 's'] = /^(\d{1,9})([smhd]?)$/.exec(part) ?? [];
    return digits === undefined ? NaN : Number(digits) * (units[unit || 's'] ?? NaN);
  });
  return pauses.every((pause) => Number.isInteger(pause) && pause > 0) ? pauses : null;
}

/** Writes pauses so that `parsePauses` reads them: each in its largest whole unit. */
export function writePauses(pauses: number[]): string {
  const inUnit = (pause: number) => {
    const [unit, size] = Object.entries(units).findLast(([, n]) => pause % n === 0) ?? ['s', 1];
    return `${pause / size}${unit}`;
  };
  return pauses.map(inUnit).join(', ');
}
