import { UnstyledButton } from '@mantine/core';
import classes from './filter-bar.module.css';

interface CellFilterProps {
  readonly value: string | null;
  readonly what: string;
  readonly onFilter: (value: string) => void;
}

/** A value of a list; a click shows only what has the same. */
export function CellFilter({ value, what, onFilter }: CellFilterProps) {
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
      {value}
    </UnstyledButton>
  );
}
