import type { ReactNode } from 'react';
import classes from './facts.module.css';

/** Names and values, one pair a line; a value of `null` is left out. */
export function Facts({ items }: { readonly items: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={classes.list}>
      {items
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([name, value]) => (
          <div key={name} className={classes.pair}>
            <dt className="untrusted">{name}</dt>
            <dd className="untrusted">{value}</dd>
          </div>
        ))}
    </dl>
  );
}
