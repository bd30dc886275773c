import { Button } from '@mantine/core';
import { useState } from 'react';
import { formatCount } from '../format/format';
import type { PlainColumn } from './plain-table';
import { PlainTable } from './plain-table';

interface LongTableProps<T> {
  readonly label: string;
  readonly columns: readonly PlainColumn<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
}

const atOnce = 200;

/** A table of any number of rows: the first ones, and as many more as are asked for. */
export function LongTable<T>({ rows, ...rest }: LongTableProps<T>) {
  const [shown, show] = useState(atOnce);
  const left = rows.length - shown;
  return (
    <>
      <PlainTable rows={rows.slice(0, shown)} {...rest} />
      {left > 0 && (
        <Button variant="default" size="compact-sm" mt={6} onClick={() => show(shown + atOnce)}>
          Show {Math.min(atOnce, left)} more of {formatCount(rows.length)}
        </Button>
      )}
    </>
  );
}
