import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { SeriesPointJson } from '../../wire';
import { Time } from '../preferences';
import { LongTable } from '../ui/long-table';
import { OnDemand } from '../ui/on-demand';
import type { Measure } from './measures';
import type { NamedSeries } from './named-series';
import classes from './metrics.module.css';

interface SeriesTableProps {
  readonly series: readonly NamedSeries[];
  readonly measures: readonly Measure[];
}

/** The same numbers to read, the latest first. */
export function SeriesTable({ series, measures }: SeriesTableProps) {
  return (
    <OnDemand className={classes.numbers} title="The numbers">
      {() => (
        <LongTable
          label="Numbers of the charts"
          rows={rowsOf(series)}
          keyOf={({ one, point }) => `${one.name} ${point.start}`}
          columns={[
            { title: 'From', cell: ({ point }) => <Time at={point.start} seconds={false} /> },
            { title: 'Of', cell: ({ one }) => one.name },
            ...measures.map((measure) => ({
              title: measure.title,
              numeric: true,
              cell: ({ one, point }: Row) =>
                measure.id === 'runs' ? (
                  <Anchor renderRoot={(props) => <Link {...one.runsOf(point)} {...props} />}>
                    {measure.format(point.executions)}
                  </Anchor>
                ) : (
                  measure.format(measure.value(point))
                ),
            })),
          ]}
        />
      )}
    </OnDemand>
  );
}

function rowsOf(series: readonly NamedSeries[]): readonly Row[] {
  return series
    .flatMap((one) => one.points.map((point): Row => ({ one, point })))
    .sort((x, y) => (x.point.start < y.point.start ? 1 : -1));
}

interface Row {
  readonly one: NamedSeries;
  readonly point: SeriesPointJson;
}
