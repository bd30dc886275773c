import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

export interface PlainColumn<T> {
  readonly title: string;
  readonly numeric?: boolean;
  /** Stays on one line. */
  readonly whole?: boolean;
  /** Sentences: it keeps room to read them. */
  readonly text?: boolean;
  readonly cell: (row: T) => ReactNode;
}

interface PlainTableProps<T> {
  readonly label: string;
  readonly columns: readonly PlainColumn<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
}

const columnWidth = 100;
const textWidth = 220;

/** A table of a few rows, which scrolls sideways where it is too wide. */
export function PlainTable<T>({ label, columns, rows, keyOf }: PlainTableProps<T>) {
  const width = columns.reduce((sum, { text }) => sum + (text ? textWidth : columnWidth), 0);
  return (
    <Table.ScrollContainer
      minWidth={Math.max(480, width)}
      scrollAreaProps={{ type: 'auto', offsetScrollbars: 'x' }}
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <Table fz="sm" horizontalSpacing="sm" verticalSpacing={7} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ title, numeric }) => (
              <Table.Th key={title} ta={numeric ? 'right' : 'left'} c="dimmed" fw={600}>
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={keyOf(row)}>
              {columns.map(({ title, numeric, whole, text, cell }) => (
                <Table.Td
                  key={title}
                  ta={numeric ? 'right' : 'left'}
                  className={numeric ? 'figure' : 'untrusted'}
                  {...(whole ? { style: { whiteSpace: 'nowrap' } } : {})}
                  {...(text ? { style: { minWidth: textWidth } } : {})}
                >
                  {cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
