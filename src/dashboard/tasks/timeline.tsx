import { Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { ExecutionJson } from '../../wire';
import { usePages } from '../api/use-pages';
import { formatDuration, formatTime, plural, toMillis } from '../format/format';
import { useTimeZone } from '../preferences';
import { axisTicks, makeTimeAxis } from '../trace-layout/time-axis';
import type { TimeAxis } from '../trace-layout/time-axis';
import { AxisLabels } from '../ui/axis-labels';
import { CellFilter } from '../ui/cell-filter';
import { Message } from '../ui/message';
import { QueryView } from '../ui/query-view';
import type { ListFilter } from '../url/list-filter';
import { isFiltered } from '../url/list-filter';
import type { GanttRow, GanttRun } from './lay-out-gantt';
import { findQuietTimes, layOutGantt } from './lay-out-gantt';
import classes from './timeline.module.css';

interface Run extends GanttRun {
  readonly json: ExecutionJson;
}

interface TimelineProps {
  readonly filter: ListFilter;
  readonly rows: 'agent' | 'session' | 'task';
  readonly change: (patch: ListFilter) => void;
  readonly clear: () => void;
}

const filters = { agent: 'agent_id', session: 'session_id', task: 'task_id' } as const;

/** Runs over time, quiet times folded. The table view of the same page is its twin. */
export function Timeline({ filter, rows, change, clear }: TimelineProps) {
  const { query, more } = usePages<ExecutionJson>('/executions', filter);
  return (
    <QueryView
      query={query}
      isEmpty={(runs) => runs.length === 0}
      empty={<Message title="No run yet" />}
      filtered={{ active: isFiltered(filter), clear }}
    >
      {(executions) => (
        <Chart
          executions={executions}
          rows={rows}
          more={more}
          onFilter={(value) => change({ [filters[rows]]: value })}
        />
      )}
    </QueryView>
  );
}

interface ChartProps {
  readonly executions: readonly ExecutionJson[];
  readonly rows: TimelineProps['rows'];
  readonly more: (() => void) | undefined;
  readonly onFilter: (value: string) => void;
}

function Chart({ executions, rows, more, onFilter }: ChartProps) {
  const { axis, gantt } = useMemo(() => {
    const runs = executions.map((json) => toRun(json, rows));
    const from = Math.min(...runs.map((run) => run.start));
    const to = Math.max(...runs.map((run) => run.end));
    return {
      axis: makeTimeAxis({ from, to }, findQuietTimes(runs)),
      gantt: layOutGantt(runs),
    };
  }, [executions, rows]);
  return (
    <div className={classes.chart}>
      <Text size="sm" c="dimmed" mb={6}>
        {plural(executions.length, 'run')}, the latest first.{' '}
        {more !== undefined && (
          <button type="button" className={classes.more} onClick={more}>
            Read 200 more
          </button>
        )}{' '}
        <span className={classes.key}>
          <i data-success="yes" /> success
        </span>
        <span className={classes.key}>
          <i data-success="no" /> no success
        </span>
        <span className={classes.key}>
          <i data-success="unknown" /> not judged
        </span>
        <span className={classes.key}>
          <i data-success="unknown" data-retry /> a further attempt, below the one before
        </span>
      </Text>
      <div className={classes.scroller} tabIndex={0} role="region" aria-label="Timeline of runs">
        <Axis axis={axis} />
        {gantt.map((row) => (
          <Row key={row.name} row={row} axis={axis} what={rows} onFilter={onFilter} />
        ))}
      </div>
    </div>
  );
}

const notSaid = 'not said';

function toRun(json: ExecutionJson, rows: TimelineProps['rows']): Run {
  const start = toMillis(json.start_time_unix_nano);
  const end = json.end_time_unix_nano === null ? start : toMillis(json.end_time_unix_nano);
  const names = { agent: json.agent.id, session: json.session_id, task: json.task_id };
  return {
    id: json.id,
    row: names[rows] ?? notSaid,
    start,
    end: Math.max(start, end),
    task: json.task_id,
    attempt: json.attempt,
    replication: json.replication,
    json,
  };
}

function Axis({ axis }: { readonly axis: TimeAxis }) {
  const [zone] = useTimeZone();
  const busy = axis.parts.filter((part) => !part.folded && part.right - part.left > 0.12);
  const ticks =
    axis.parts.length > 1 ? busy.map((part) => part.from) : axisTicks(axis.from, axis.to, 5);
  const minutes = new Set(ticks.map((tick) => formatTime(tick, zone, false)));
  const seconds = minutes.size < ticks.length;
  return (
    <div className={classes.row}>
      <span />
      <AxisLabels
        className={classes.axis}
        axis={axis}
        ticks={ticks}
        textOf={(tick) => formatTime(tick, zone, seconds)}
      />
    </div>
  );
}

interface RowProps {
  readonly row: GanttRow<Run>;
  readonly axis: TimeAxis;
  readonly what: TimelineProps['rows'];
  readonly onFilter: (value: string) => void;
}

function Row({ row, axis, what, onFilter }: RowProps) {
  const navigate = useNavigate();
  const step = row.lanes.length > 12 ? 8 : 14;
  return (
    <div className={classes.row} data-dense={step < 14 || undefined}>
      <div className={classes.name}>
        {row.name === notSaid ? (
          row.name
        ) : (
          <CellFilter value={row.name} what={what} onFilter={onFilter} />
        )}
        <Text span size="xs" c="dimmed">
          {plural(row.runs, 'run')}
        </Text>
      </div>
      <div className={classes.lanes} style={{ height: row.lanes.length * step + 8 }}>
        {axis.parts
          .filter((part) => part.folded)
          .map((part) => (
            <span
              key={part.from}
              className={classes.fold}
              style={{ left: `${part.left * 100}%`, width: `${(part.right - part.left) * 100}%` }}
            />
          ))}
        {row.lanes.flatMap((lane, number) =>
          lane.map((run) => (
            <button
              key={run.id}
              type="button"
              className={classes.run}
              data-retry={run.attempt > 1 || undefined}
              data-success={run.json.success === null ? 'unknown' : run.json.success ? 'yes' : 'no'}
              style={{
                top: number * step + 4,
                left: `${axis.place(run.start) * 100}%`,
                width: `max(4px, ${(axis.place(run.end) - axis.place(run.start)) * 100}%)`,
              }}
              title={describe(run)}
              aria-label={describe(run)}
              onClick={() =>
                void navigate({ to: '/executions/$executionId', params: { executionId: run.id } })
              }
            />
          )),
        )}
      </div>
    </div>
  );
}

function describe({ json, start, end }: Run): string {
  const success = json.success === null ? 'not judged' : json.success ? 'success' : 'no success';
  return `${json.task_id}, attempt ${json.attempt}, replication ${json.replication}: ${success}, ${json.status}, ${formatDuration((end - start) * 1e6)}`;
}
