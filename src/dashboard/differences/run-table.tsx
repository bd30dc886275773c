import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { formatDuration, plural } from '../format/format';
import { Time } from '../preferences';
import { LongTable } from '../ui/long-table';
import { OnDemand } from '../ui/on-demand';
import { Success } from '../ui/status-badge';
import type { Dot } from './plane';
import classes from './run-scatter.module.css';

interface RunTableProps {
  readonly dots: readonly Dot[];
  /** They are those in the box. */
  readonly chosen: boolean;
}

/** The runs of the picture to read, or those in the box. */
export function RunTable({ dots, chosen }: RunTableProps) {
  return (
    <OnDemand title={`As a table: ${plural(dots.length, 'run')}${chosen ? ' in the box' : ''}`}>
      {() => (
        <div className={classes.rows}>
          <LongTable
            label="Runs by start and duration"
            rows={dots}
            keyOf={({ id }) => id}
            columns={[
              {
                title: 'Began',
                whole: true,
                cell: ({ startMillis }) => <Time at={new Date(startMillis).toISOString()} />,
              },
              {
                title: 'Took',
                numeric: true,
                cell: ({ durationMillis }) => formatDuration(durationMillis * 1e6),
              },
              {
                title: 'Outcome',
                whole: true,
                cell: ({ success }) => <Success success={success} />,
              },
              {
                title: 'Run',
                cell: ({ id }) => (
                  <Anchor
                    size="sm"
                    renderRoot={(props) => (
                      <Link to="/executions/$executionId" params={{ executionId: id }} {...props} />
                    )}
                  >
                    {id}
                  </Anchor>
                ),
              },
            ]}
          />
        </div>
      )}
    </OnDemand>
  );
}
