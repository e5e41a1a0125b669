import { useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  memo,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { cx } from '@/lib/cx';
import { type Column, TableRow } from './DataTable';
import { Failure, Loading } from './states';
import table from './DataTable.module.css';
import styles from './VirtualTable.module.css';

interface Props<Row> {
  /** Names the table for screen readers. */
  caption: string;
  columns: Column<Row>[];
  rows: Row[] | undefined;
  rowKey: (row: Row) => string;
  loading?: boolean;
  error?: unknown;
  onRetry?: () => void;
  /** Shown when there are no rows. */
  empty: ReactNode;
  /** Opens a row: by a click anywhere in it. Give the row a button with `data-row` too, for the keyboard. */
  onRowClick: (row: Row) => void;
  activeKey?: string | null;
  /** How high a row is about, in pixels; each is measured once it is seen. */
  rowHeight: number;
  /** Told which rows are in view, once scrolling rests. */
  onView?: (rows: Row[]) => void;
}

/**
 * A table of any length that scrolls with the page: only the rows in view are in the document, and
 * they say which of how many they are. Arrow keys, j, k, Home and End go from row to row.
 */
export function VirtualTable<Row>(props: Props<Row>) {
  const { rows, loading, error, onRetry, empty } = props;
  if (error && !rows) return <Failure error={error} onRetry={onRetry} />;
  if (!rows) {
    return (
      <div className={table.pad}>
        <Loading lines={6} />
      </div>
    );
  }
  if (rows.length === 0) return loading ? <Loading /> : empty;
  return <Rows {...props} rows={rows} />;
}

function Rows<Row>(props: Props<Row> & { rows: Row[] }) {
  const { caption, columns, rows, rowKey, loading, rowHeight, onView, onRowClick, activeKey } =
    props;
  const box = useRef<HTMLDivElement>(null);
  const top = useTop(box);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    getItemKey: (at) => {
      const row = rows[at];
      return row === undefined ? at : rowKey(row);
    },
    measureElement: (element) => element.getBoundingClientRect().height || rowHeight,
    overscan: 8,
    scrollMargin: top,
  });
  const items = virtual.getVirtualItems();
  const before = (items[0]?.start ?? top) - top;
  const after = virtual.getTotalSize() - ((items.at(-1)?.end ?? top) - top);

  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? -1;
  const resting = !virtual.isScrolling;
  useEffect(() => {
    if (resting) onView?.(rows.slice(first, last + 1));
  }, [onView, rows, first, last, resting]);

  const onKeyDown = useRowKeys(rows.length, (at) => {
    virtual.scrollToIndex(at, { align: 'auto' });
  });

  return (
    <div ref={box} role="group" aria-label={caption}>
      <table
        className={cx(table.table, table.fixed)}
        aria-busy={loading}
        aria-rowcount={rows.length + 1}
      >
        <caption className="visually-hidden">{caption}</caption>
        <colgroup>
          {columns.map((column) => (
            <col key={column.key} style={column.width ? { width: column.width } : undefined} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <th key={column.key} scope="col">
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody onKeyDown={onKeyDown}>
          <Spacer height={before} columns={columns.length} />
          {items.map(({ index, key }) => {
            const row = rows[index];
            return (
              row !== undefined && (
                <MemoRow
                  key={String(key)}
                  index={index}
                  row={row}
                  columns={columns as Column<never>[]}
                  rowKey={rowKey as (row: unknown) => string}
                  onRowClick={onRowClick as (row: unknown) => void}
                  activeKey={activeKey ?? null}
                  measure={virtual.measureElement}
                />
              )
            );
          })}
          <Spacer height={after} columns={columns.length} />
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  index: number;
  row: unknown;
  columns: Column<never>[];
  rowKey: (row: unknown) => string;
  onRowClick: (row: unknown) => void;
  activeKey: string | null;
  measure: (element: HTMLElement | null) => void;
}

/** A row is made anew only when something of it has changed, not with every step of scrolling. */
const MemoRow = memo(function MemoRow({ index, row, columns, measure, ...rest }: RowProps) {
  return (
    <TableRow
      row={row}
      columns={columns as Column<unknown>[]}
      attributes={{ ref: measure, 'data-index': index, 'aria-rowindex': index + 2 } as object}
      {...rest}
    />
  );
});

/** Stands for the rows that are not in view. */
function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr className={styles.spacer} style={{ height }} aria-hidden="true">
      <td colSpan={columns} />
    </tr>
  );
}

/** How far from the top of the page an element begins, followed as what is above it changes. */
function useTop(box: React.RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = () => {
      if (box.current) setTop(Math.round(box.current.getBoundingClientRect().top + window.scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => {
      observer.disconnect();
    };
  }, [box]);
  return top;
}

/** Moves the focus between the rows' buttons that carry `data-row`. */
function useRowKeys(count: number, scrollTo: (at: number) => void) {
  return (event: KeyboardEvent<HTMLTableSectionElement>) => {
    const row = event.target instanceof Element ? event.target.closest('tr[data-index]') : null;
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = Number(row.getAttribute('data-index'));
    const steps = {
      ArrowDown: at + 1,
      j: at + 1,
      ArrowUp: at - 1,
      k: at - 1,
      Home: 0,
      End: count - 1,
    };
    const next = (steps as Record<string, number | undefined>)[event.key];
    if (next === undefined || next < 0 || next >= count) return;
    event.preventDefault();
    const body = event.currentTarget;
    scrollTo(next);
    focusRow(body, next, 10);
  };
}

/** The row may not be in the document yet: it comes with one of the next frames. */
function focusRow(body: HTMLElement, at: number, tries: number): void {
  const button = body.querySelector<HTMLElement>(`tr[data-index="${at}"] [data-row]`);
  if (button) button.focus();
  else if (tries > 0) {
    requestAnimationFrame(() => {
      focusRow(body, at, tries - 1);
    });
  }
}
