/** Marks for an axis from 0 to at least `max`: a few round numbers, whole ones. */
export function niceTicks(max: number, count = 4): number[] {
  if (max <= 0) return [0, 1];
  const raw = max / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(1, ([1, 2, 5, 10].find((n) => n * power >= raw) ?? 10) * power);
  const ticks = [0];
  while ((ticks.at(-1) ?? 0) < max) ticks.push(ticks.length * step);
  return ticks;
}

/** Stacks values: where each begins and ends. */
export function barsOf(values: number[]): { from: number; to: number }[] {
  let top = 0;
  return values.map((value) => {
    const from = top;
    top += value;
    return { from, to: top };
  });
}

/** The path through the points, broken where one has no height. */
export function pathOf(points: { x: number; y: number }[]): string {
  let pen = 'M';
  return points
    .map(({ x, y }) => {
      if (!Number.isFinite(y)) {
        pen = 'M';
        return '';
      }
      const step = `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
      pen = 'L';
      return step;
    })
    .join('');
}

/** Which of `count` slots get a label, so that each label has `room` pixels. */
export function spreadLabels(count: number, width: number, room: number): number[] {
  const most = Math.max(1, Math.floor(width / room));
  const every = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: Math.ceil(count / every) }, (_, n) => n * every);
}
