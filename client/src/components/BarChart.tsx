import { type PointerEvent, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useWidth } from '@/hooks/useWidth';
import { niceTicks, spreadLabels } from '@/lib/chart';
import { ChartZoom } from './ChartZoom';
import { Bars, colorOf, Lines } from './chartShapes';
import styles from './BarChart.module.css';

export interface Series {
  name: string;
  /** One value per slot, from the left; NaN where there is none. */
  values: number[];
  /** Instead of the usual one of its place. */
  color?: string;
}

interface Props {
  /** Says in a sentence what the picture shows, numbers included. */
  summary: string;
  /** At most two; the first is at the bottom of the stack. */
  series: Series[];
  /** The name of each slot: short under the axis, long in the tip and the table. */
  slots: { short: string; long: string }[];
  format: (value: number) => string;
  /** Lines side by side instead of a stack, for values that do not add up. */
  lines?: boolean;
  /** Pixels. */
  height?: number;
  /** Lets the reader choose a part; called with its first and last slot. */
  onZoom?: (first: number, last: number) => void;
}

const room = { top: 10, bottom: 24, left: 44, right: 4 };

/** Stacked bars over time, with a tip under the pointer and a table that says the same. */
export function BarChart({
  summary,
  series,
  slots,
  format,
  lines = false,
  height = 220,
  onZoom,
}: Props) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [hovered, setHovered] = useState<number | null>(null);
  const title = useId();

  const plot = {
    width: Math.max(0, width - room.left - room.right),
    height: height - room.top - room.bottom,
  };
  const together = lines ? (each: number[]) => Math.max(0, ...each) : sum;
  const tops = slots.map((_, slot) =>
    together(series.map(({ values }) => values[slot] ?? 0).filter(Number.isFinite)),
  );
  const ticks = niceTicks(Math.max(...tops, 0));
  const scale = plot.height / (ticks.at(-1) ?? 1);
  const pitch = plot.width / slots.length;
  const frame = { left: room.left, bottom: room.top + plot.height, pitch, scale };
  const Shape = lines ? Lines : Bars;

  const onPointerMove = (event: PointerEvent<SVGSVGElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - room.left;
    const slot = Math.floor(x / pitch);
    setHovered(slot >= 0 && slot < slots.length ? slot : null);
  };

  return (
    <figure>
      <div ref={box} className={styles.box} style={{ height }}>
        {width > 0 && (
          <svg
            role="img"
            aria-labelledby={title}
            width={width}
            height={height}
            onPointerMove={onPointerMove}
            onPointerLeave={() => {
              setHovered(null);
            }}
          >
            <title id={title}>{summary}</title>
            {ticks.map((tick) => {
              const y = room.top + plot.height - tick * scale;
              return (
                <g key={tick}>
                  <line
                    x1={room.left}
                    x2={width - room.right}
                    y1={y}
                    y2={y}
                    className={styles.grid}
                  />
                  <text x={room.left - 8} y={y + 4} textAnchor="end" className={styles.text}>
                    {format(tick)}
                  </text>
                </g>
              );
            })}
            {hovered !== null && (
              <rect
                x={room.left + hovered * pitch}
                y={room.top}
                width={pitch}
                height={plot.height}
                className={styles.hover}
              />
            )}
            <Shape series={series} count={slots.length} frame={frame} />
            {spreadLabels(slots.length, plot.width, 76).map((at) => (
              <text
                key={at}
                x={room.left + (at + 0.5) * pitch}
                y={height - 6}
                textAnchor="middle"
                className={styles.text}
              >
                {slots[at]?.short}
              </text>
            ))}
          </svg>
        )}
        {width > 0 && onZoom && (
          <ChartZoom
            style={{ left: room.left, top: room.top, width: plot.width, height: plot.height }}
            pitch={pitch}
            slots={slots.map(({ long }) => long)}
            onHover={setHovered}
            onZoom={onZoom}
          />
        )}
        {hovered !== null && (
          <div
            className={styles.tip}
            style={{
              left: Math.min(
                Math.max(room.left + (hovered + 0.5) * pitch, 84),
                Math.max(84, width - 84),
              ),
            }}
          >
            <strong>{slots[hovered]?.long}</strong>
            {series.map((each, layer) => (
              <span key={each.name} className={styles.tipRow}>
                <i style={{ background: colorOf(each, layer) }} />
                {each.name}
                <b>{format(each.values[hovered] ?? 0)}</b>
              </span>
            ))}
          </div>
        )}
      </div>
      <figcaption className={styles.foot}>
        <ul className={styles.legend}>
          {series.map((each, layer) => (
            <li key={each.name}>
              <i style={{ background: colorOf(each, layer) }} />
              {each.name}
              {!lines && <b>{format(sum(each.values))}</b>}
            </li>
          ))}
        </ul>
        <details className={styles.details}>
          <summary>{t('chart.table')}</summary>
          <div className={styles.tableBox} tabIndex={0} role="group" aria-label={t('chart.table')}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t('chart.time')}</th>
                  {series.map(({ name }) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {slots.map((slot, at) => (
                  <tr key={slot.long}>
                    <th scope="row">{slot.long}</th>
                    {series.map(({ name, values }) => (
                      <td key={name}>{format(values[at] ?? 0)}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      </figcaption>
    </figure>
  );
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
