import { UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './filter-bar.module.css';

interface CellFilterProps {
  readonly value: string | null;
  readonly what: string;
  readonly onFilter: (value: string) => void;
  /** @defaultValue the value */
  readonly children?: ReactNode;
}

/** A value of a list; a click shows only what has the same. */
export function CellFilter({ value, what, onFilter, children }: CellFilterProps) {
  if (value === null) return <>–</>;
  return (
    <UnstyledButton
      className={`${classes.cell} one-line`}
      title={`${value}: click to filter by this ${what}`}
      onClick={(event) => {
        event.stopPropagation();
        onFilter(value);
      }}
    >
      {children ?? value}
    </UnstyledButton>
  );
}
