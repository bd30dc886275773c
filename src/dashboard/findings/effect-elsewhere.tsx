import { Text } from '@mantine/core';
import type { PatternJson } from '../../wire';
import { formatCount, formatPValue } from '../format/format';
import { PlainTable } from '../ui/plain-table';
import { effectFormat } from './describe-pattern';

/** What goes with the finding in the dimensions that it was not found in: what a choice costs beside what it gains. */
export function EffectElsewhere({ pattern }: { readonly pattern: PatternJson }) {
  const { elsewhere } = pattern.explanation;
  if (elsewhere.length === 0) {
    return <Text size="sm">No other dimension has runs that can be compared.</Text>;
  }
  return (
    <PlainTable
      label="Effect in the other dimensions"
      rows={elsewhere}
      keyOf={({ dimension }) => dimension}
      columns={[
        { title: 'Dimension', cell: ({ dimension }) => dimension },
        {
          title: 'Effect',
          numeric: true,
          whole: true,
          cell: (row) => effectFormat(row)(row.estimate),
        },
        {
          title: '95 % interval',
          numeric: true,
          whole: true,
          cell: (row) => row.interval.map(effectFormat(row)).join(' to '),
        },
        { title: 'p', numeric: true, cell: ({ p_value: p }) => formatPValue(p) },
        { title: 'Runs', numeric: true, cell: ({ runs }) => formatCount(runs) },
      ]}
    />
  );
}
