import { type CSSProperties, type KeyboardEvent, type PointerEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './ChartZoom.module.css';

interface Props {
  /** The plot's place in the chart, and how wide one slot is, in pixels. */
  style: CSSProperties;
  pitch: number;
  /** The long name of each slot. */
  slots: string[];
  onHover: (slot: number | null) => void;
  /** Called with the first and the last slot of what was chosen. */
  onZoom: (first: number, last: number) => void;
}

interface Span {
  anchor: number;
  head: number;
}

/** Lets the reader choose a part of a chart: by dragging over it, or by arrow keys, Shift and Enter. */
export function ChartZoom({ style, pitch, slots, onHover, onZoom }: Props) {
  const { t } = useTranslation();
  const [span, setSpan] = useState<Span | null>(null);
  const [dragging, setDragging] = useState(false);
  const last = slots.length - 1;
  const clamp = (slot: number) => Math.min(Math.max(slot, 0), last);
  const slotAt = (event: PointerEvent<HTMLDivElement>) =>
    clamp(Math.floor((event.clientX - event.currentTarget.getBoundingClientRect().left) / pitch));
  const first = span && Math.min(span.anchor, span.head);
  const end = span && Math.max(span.anchor, span.head);

  const finish = (chosen: boolean) => {
    setDragging(false);
    setSpan(null);
    if (chosen && first !== null && end !== null) onZoom(first, end);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const head = span ? clamp(span.head + step) : step > 0 ? 0 : last;
      setSpan({ anchor: event.shiftKey && span ? span.anchor : head, head });
      onHover(head);
    } else if (event.key === 'Enter' && span) {
      event.preventDefault();
      finish(true);
    } else if (event.key === 'Escape' && span) {
      event.preventDefault();
      finish(false);
    }
  };

  return (
    <div
      className={styles.layer}
      style={style}
      role="group"
      aria-label={t('chart.zoom')}
      title={t('chart.zoomHint')}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => {
        finish(false);
        onHover(null);
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const slot = slotAt(event);
        setSpan({ anchor: slot, head: slot });
        setDragging(true);
      }}
      onPointerMove={(event) => {
        const slot = slotAt(event);
        onHover(slot);
        if (dragging) setSpan((before) => before && { ...before, head: slot });
      }}
      onPointerUp={() => {
        if (dragging) finish(first !== end); // a click alone chooses nothing
      }}
      onPointerCancel={() => {
        finish(false);
      }}
      onPointerLeave={() => {
        if (!dragging) onHover(null);
      }}
    >
      {first !== null && end !== null && (
        <div
          className={styles.span}
          style={{ left: first * pitch, width: (end - first + 1) * pitch }}
        />
      )}
      <span className="visually-hidden" role="status">
        {first !== null &&
          end !== null &&
          t('chart.zoomed', { from: slots[first], to: slots[end] })}
      </span>
    </div>
  );
}
