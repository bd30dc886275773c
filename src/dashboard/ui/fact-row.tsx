import type { ReactNode } from 'react';
import classes from './fact-row.module.css';

/** Facts side by side, each below its name; what is not known is left out. */
export function FactRow({ items }: { readonly items: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={classes.row}>
      {items
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([name, value]) => (
          <div key={name} className={classes.fact}>
            <dt>{name}</dt>
            <dd className="untrusted">{value}</dd>
          </div>
        ))}
    </dl>
  );
}
