import { expect, it } from 'vitest';
import { parsePauses, usualPauses, writePauses } from './schedule';

it.each([
  ['5s, 30s, 2m, 1h, 1d', [5, 30, 120, 3600, 86_400]],
  ['5 30，2M、1H', [5, 30, 120, 3600]],
  ['', []],
  ['5s, soon', null],
  ['0', null],
  ['-5', null],
  ['1.5m', null],
])('reads %j', (text, pauses) => {
  expect(parsePauses(text)).toEqual(pauses);
});

it('writes what it reads', () => {
  expect(writePauses(usualPauses)).toBe('5s, 30s, 2m, 10m, 30m, 2h, 6h, 12h, 1d');
  expect(parsePauses(writePauses([1, 90, 5400, 100_000]))).toEqual([1, 90, 5400, 100_000]);
});
