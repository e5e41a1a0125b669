import type { Series } from './BarChart';
import { Bars } from './chartShapes';
import styles from './SparkBars.module.css';

interface Props {
  /** Says in a sentence what the picture shows, numbers included. */
  summary: string;
  /** At most two; the first is at the bottom of the stack. */
  series: Series[];
}

const width = 240;
const height = 36;

/** A stack of bars without words, as wide as the place it stands in. */
export function SparkBars({ summary, series }: Props) {
  const count = Math.max(1, ...series.map(({ values }) => values.length));
  const tops = Array.from({ length: count }, (_, at) =>
    series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0),
  );
  const scale = height / Math.max(1, ...tops);
  return (
    <svg
      role="img"
      aria-label={summary}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className={styles.spark}
    >
      <line x1={0} x2={width} y1={height} y2={height} className={styles.ground} />
      <Bars
        series={series}
        count={count}
        frame={{ left: 0, bottom: height, pitch: width / count, scale }}
      />
    </svg>
  );
}
