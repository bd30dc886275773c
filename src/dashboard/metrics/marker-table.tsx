import { Time } from '../preferences';
import { PlainTable } from '../ui/plain-table';
import type { Marker } from './markers';
import classes from './metrics.module.css';

/** What the upright lines of the charts are, the latest first. */
export function MarkerTable({ markers }: { readonly markers: readonly Marker[] }) {
  return (
    <details className={classes.numbers}>
      <summary>What happened meanwhile</summary>
      <PlainTable
        label="What happened meanwhile"
        rows={markers.toReversed()}
        keyOf={({ kind, at, text }) => `${kind} ${at} ${text}`}
        columns={[
          { title: 'At', whole: true, cell: ({ at }) => <Time at={new Date(at).toISOString()} /> },
          { title: 'What', cell: ({ text }) => text },
        ]}
      />
    </details>
  );
}
