import { useVirtualizer } from '@tanstack/react-virtual';
import type { ReactNode } from 'react';
import { useEffect, useRef, useState } from 'react';
import { useCommands } from '../commands/command-context';
import classes from './data-table.module.css';

export interface Column<T> {
  readonly title: string;
  /** Pixels; a growing column takes what is left. */
  readonly width: number;
  readonly grow?: boolean;
  readonly numeric?: boolean;
  readonly cell: (row: T) => ReactNode;
}

interface DataTableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly open: (row: T) => void;
  /** Asked for when the end is near; absent at the end. */
  readonly more?: (() => void) | undefined;
}

const rowHeight = 36;

/** A table of any length: only the rows in sight are in the document. The keys j, k and Enter walk it. */
export function DataTable<T>({ label, columns, rows, keyOf, open, more }: DataTableProps<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(-1);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - 20) more?.();
  }, [last, rows.length, more]);
  const go = (to: number): void => {
    const next = Math.min(Math.max(0, to), rows.length - 1);
    setCurrent(next);
    if (next >= 0) virtual.scrollToIndex(next, { align: 'auto' });
  };
  useCommands({
    'list.next': () => go(current + 1),
    'list.previous': () => go(current - 1),
    'list.open': () => {
      const row = rows[current];
      if (row !== undefined) open(row);
    },
  });
  const template = columns
    .map((c) => (c.grow ? `minmax(${c.width}px, 1fr)` : `${c.width}px`))
    .join(' ');
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  return (
    <div
      ref={scroller}
      className={classes.scroller}
      role="table"
      aria-label={label}
      aria-rowcount={more === undefined ? rows.length + 1 : -1}
      tabIndex={0}
    >
      <div role="rowgroup" className={classes.head} style={{ minWidth: width }}>
        <div role="row" className={classes.row} style={{ gridTemplateColumns: template }}>
          {columns.map(({ title, numeric }) => (
            <span key={title} role="columnheader" data-numeric={numeric}>
              {title}
            </span>
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        className={classes.body}
        style={{ height: virtual.getTotalSize(), minWidth: width }}
      >
        {items.map(({ index, start }) => {
          const row = rows[index]!;
          return (
            <div
              key={keyOf(row)}
              role="row"
              aria-rowindex={index + 2}
              className={classes.row}
              data-current={index === current || undefined}
              style={{ gridTemplateColumns: template, transform: `translateY(${start}px)` }}
              onClick={() => open(row)}
            >
              {columns.map(({ title, numeric, cell }) => (
                <span key={title} role="cell" className="one-line" data-numeric={numeric}>
                  {cell(row)}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
