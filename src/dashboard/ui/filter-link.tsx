import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { FilterKey } from '../url/list-filter';

interface FilterLinkProps {
  readonly name: FilterKey;
  readonly value: string;
  /** Which list. @defaultValue traces */
  readonly to?: '/traces' | '/tasks';
  /** @defaultValue the value */
  readonly children?: ReactNode;
}

/** A value; following it lists everything that has the same. */
export function FilterLink({ name, value, to = '/traces', children }: FilterLinkProps) {
  return (
    <Anchor
      size="sm"
      className="untrusted"
      title={`Everything with ${name} ${value.slice(0, 200)}`}
      renderRoot={(props) => <Link to={to} search={{ [name]: value }} {...props} />}
    >
      {children ?? value}
    </Anchor>
  );
}
