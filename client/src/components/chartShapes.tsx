import { barsOf, pathOf } from '@/lib/chart';
import type { Series } from './BarChart';

const colors = ['var(--chart-1)', 'var(--chart-2)'];

export const colorOf = (series: Series, layer: number) => series.color ?? colors[layer];

interface Props {
  series: Series[];
  /** How many slots there are. */
  count: number;
  /** Where the axes are, how wide a slot is, and how many pixels high a value of 1. */
  frame: { left: number; bottom: number; pitch: number; scale: number };
}

/** The series on top of one another. */
export function Bars({ series, count, frame: { left, bottom, pitch, scale } }: Props) {
  return Array.from({ length: count }, (_, at) =>
    barsOf(series.map(({ values }) => values[at] ?? 0)).map((bar, layer) => (
      <rect
        key={`${at} ${layer}`}
        x={left + at * pitch + pitch * 0.15}
        y={bottom - bar.to * scale}
        width={Math.max(1, pitch * 0.7)}
        height={(bar.to - bar.from) * scale}
        rx={Math.min(2, pitch * 0.2)}
        fill={series[layer] && colorOf(series[layer], layer)}
      />
    )),
  );
}

/** The series beside one another. A point without neighbours shows as a dot. */
export function Lines({ series, frame: { left, bottom, pitch, scale } }: Props) {
  return series.map((each, layer) => {
    const color = colorOf(each, layer);
    const points = each.values.map((value, at) => ({
      x: left + (at + 0.5) * pitch,
      y: bottom - value * scale,
    }));
    return (
      <g key={each.name}>
        <path d={pathOf(points)} fill="none" stroke={color} strokeWidth={1.8} />
        {points.map(
          ({ x, y }) => Number.isFinite(y) && <circle key={x} cx={x} cy={y} r={2} fill={color} />,
        )}
      </g>
    );
  });
}
