import { expect, it } from 'vitest';
import { barsOf, niceTicks, pathOf, spreadLabels } from './chart';

it.each([
  [0, [0, 1]],
  [1, [0, 1]],
  [3, [0, 1, 2, 3]],
  [1790, [0, 500, 1000, 1500, 2000]],
])('marks an axis up to %i', (max, ticks) => {
  expect(niceTicks(max)).toEqual(ticks);
});

it('stacks', () => {
  expect(barsOf([2, 3])).toEqual([
    { from: 0, to: 2 },
    { from: 2, to: 5 },
  ]);
});

it('draws a line that breaks where there is nothing', () => {
  const at = [1, 2, NaN, 4, 5].map((y, x) => ({ x, y }));
  expect(pathOf(at)).toBe('M0.0 1.0L1.0 2.0M3.0 4.0L4.0 5.0');
});

it('labels only as many slots as there is room for', () => {
  expect(spreadLabels(48, 300, 76)).toEqual([0, 16, 32]);
});
