import { Time } from '../preferences';
import { LongTable } from '../ui/long-table';
import { OnDemand } from '../ui/on-demand';
import type { Marker } from './markers';
import classes from './metrics.module.css';

/** What the upright lines of the charts are, the latest first. */
export function MarkerTable({ markers }: { readonly markers: readonly Marker[] }) {
  return (
    <OnDemand className={classes.numbers} title="What happened meanwhile">
      {() => (
        <LongTable
          label="What happened meanwhile"
          rows={markers.toReversed()}
          keyOf={({ kind, at, text }) => `${kind} ${at} ${text}`}
          columns={[
            {
              title: 'At',
              whole: true,
              cell: ({ at }) => <Time at={new Date(at).toISOString()} />,
            },
            { title: 'What', cell: ({ text }) => text },
          ]}
        />
      )}
    </OnDemand>
  );
}
