import { expect, it } from 'vitest';
import { barsOf, niceTicks, spreadLabels } from './chart';

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

it('labels only as many slots as there is room for', () => {
  expect(spreadLabels(48, 300, 76)).toEqual([0, 16, 32]);
});
