import { Text } from '@mantine/core';
import type { HealthJson } from '../../wire';
import { formatCount } from '../format/format';
import { Time } from '../preferences';
import { PlainTable } from '../ui/plain-table';

const sources = { traces: 'spans by OTLP', logs: 'log records by OTLP', api: 'the REST API' };

/** What was not taken, and why. */
export function Refused({ refused }: { readonly refused: HealthJson['refused'] }) {
  if (refused.length === 0) return <Text size="sm">Nothing was refused.</Text>;
  return (
    <PlainTable
      label="Refused input"
      rows={refused}
      keyOf={({ source, reason }) => `${source} ${reason}`}
      columns={[
        { title: 'Why', cell: ({ reason }) => reason },
        { title: 'Came as', whole: true, cell: ({ source }) => sources[source] },
        { title: 'Times', numeric: true, cell: ({ count }) => formatCount(count) },
        { title: 'Last', whole: true, cell: ({ last }) => <Time at={last} /> },
      ]}
    />
  );
}
