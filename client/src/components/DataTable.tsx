import type { ComponentProps, ReactNode } from 'react';
import { cx } from '@/lib/cx';
import { Failure, Loading } from './states';
import styles from './DataTable.module.css';

export interface Column<Row> {
  key: string;
  title: ReactNode;
  cell: (row: Row) => ReactNode;
  /** A CSS width; columns without one share the rest. */
  width?: string;
  align?: 'end';
  /** Cut off with an ellipsis rather than wrapped; needs a table with `fixed`. */
  truncate?: boolean;
  /** On phones: 'title' heads the card, 'bare' goes without its column's name, 'none' is left out. */
  card?: 'title' | 'bare' | 'none';
}

interface Props<Row> {
  /** Names the table for screen readers. */
  caption: string;
  columns: Column<Row>[];
  rows: Row[] | undefined;
  rowKey: (row: Row) => string | number;
  loading?: boolean;
  error?: unknown;
  onRetry?: () => void;
  /** Shown when there are no rows. */
  empty: ReactNode;
  /** Opens a row: by a click anywhere in it. Give the row a real button or link too, for the keyboard. */
  onRowClick?: (row: Row) => void;
  /** A row to mark, the one open in a drawer for example. */
  activeKey?: string | number | null;
  /** Column widths are kept to the letter. */
  fixed?: boolean;
  rowClassName?: (row: Row) => string | undefined;
}

/** A table on wide screens, a list of cards on phones, with its loading, failed and empty states. */
export function DataTable<Row>(props: Props<Row>) {
  const { caption, columns, rows, rowKey, loading, error, onRetry, empty, fixed } = props;
  if (error && !rows) return <Failure error={error} onRetry={onRetry} />;
  if (!rows) {
    return (
      <div className={styles.pad}>
        <Loading lines={6} />
      </div>
    );
  }
  if (rows.length === 0) return loading ? <Loading /> : empty;
  return (
    <div
      className={styles.scroll}
      tabIndex={fixed ? undefined : 0}
      role="group"
      aria-label={caption}
    >
      <table className={cx(styles.table, fixed && styles.fixed)} aria-busy={loading}>
        <caption className="visually-hidden">{caption}</caption>
        <colgroup>
          {columns.map((column) => (
            <col key={column.key} style={column.width ? { width: column.width } : undefined} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={column.align && styles[column.align]}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <TableRow key={rowKey(row)} row={row} {...props} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps<Row> extends Pick<
  Props<Row>,
  'columns' | 'rowKey' | 'onRowClick' | 'activeKey' | 'rowClassName'
> {
  row: Row;
  /** Attributes of the row's element. */
  attributes?: ComponentProps<'tr'>;
}

export function TableRow<Row>({ row, attributes, ...props }: RowProps<Row>) {
  const { columns, rowKey, onRowClick, activeKey, rowClassName } = props;
  return (
    <tr
      {...attributes}
      className={cx(
        onRowClick && styles.clickable,
        activeKey === rowKey(row) && styles.active,
        rowClassName?.(row),
      )}
      onClick={
        onRowClick &&
        ((event) => {
          if (!isControl(event.target) && !hasSelection()) onRowClick(row);
        })
      }
    >
      {columns.map((column) => (
        <td
          key={column.key}
          data-label={typeof column.title === 'string' ? column.title : ''}
          className={cx(
            column.align && styles[column.align],
            column.truncate && styles.truncate,
            column.card && styles[`card-${column.card}`],
          )}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

/** The click was meant for a button, link or field inside the row. */
function isControl(target: EventTarget): boolean {
  return target instanceof Element && target.closest('a, button, input, select, label') !== null;
}

/** The person is marking text to copy it. */
function hasSelection(): boolean {
  return (window.getSelection()?.toString() ?? '') !== '';
}
