import { effectUnit, type Pattern } from '../model/pattern';
import type { Execution } from '../model/task';
import { durationAxis } from './duration-axis';
import { duration, instant, points, pointsInterval } from './format';
import { plotlyText } from './html';
import type { Bucket, Series } from './summary';
import { latencyMs } from './summary';

/**
 * What Plotly draws. Colours are names of the page's custom properties (`@good`), which the script reads, so
 * that a figure follows the theme; every text went through `plotlyText`.
 */
export interface Figure {
  readonly data: readonly object[];
  readonly layout: object;
}

const millis = (unixNano: bigint): number => Number(unixNano / 1_000n) / 1_000;

interface Outcome {
  readonly name: string;
  readonly color: string;
  readonly symbol: string;
  readonly holds: (execution: Execution) => boolean;
}

/** Told apart by their shape, too. */
const outcomes: readonly Outcome[] = [
  {
    name: 'succeeded',
    color: '@good',
    symbol: 'circle',
    holds: ({ success }) => success === true,
  },
  { name: 'failed', color: '@bad', symbol: 'x', holds: ({ success }) => success === false },
  {
    name: 'not judged',
    color: '@muted',
    symbol: 'circle-open',
    holds: ({ success }) => success === null,
  },
];

/** The runs of one task: a row each, from start to end. */
export function timelineFigure(executions: readonly Execution[]): Figure {
  const rows = [...executions].reverse();
  const row = new Map(rows.map((execution, index) => [execution, index]));
  const data = outcomes.flatMap(({ name, color, symbol, holds }) => {
    const runs = rows.filter(holds);
    if (runs.length === 0) return [];
    const y = runs.flatMap((run) => [row.get(run), row.get(run), null]);
    const x = runs.flatMap((run) => [
      millis(run.startTimeUnixNano),
      millis(run.endTimeUnixNano ?? run.startTimeUnixNano),
      null,
    ]);
    const text = runs.flatMap((run) => [runText(run), runText(run), '']);
    return [
      {
        type: 'scatter',
        mode: 'lines+markers',
        name,
        x,
        y,
        text,
        hoverinfo: 'text',
        line: { color, width: 4 },
        marker: { color, symbol, size: 9 },
      },
    ];
  });
  return {
    data,
    layout: {
      height: 120 + 26 * rows.length,
      showlegend: true,
      xaxis: { type: 'date', title: { text: 'time (UTC)' } },
      yaxis: {
        tickvals: rows.map((_, index) => index),
        ticktext: rows.map((run) => plotlyText(runName(run), 34)),
        range: [rows.length - 0.4, -0.6],
        showgrid: false,
        zeroline: false,
      },
    },
  };
}

/** Many runs: when, how long, how it ended. */
export function runsFigure(executions: readonly Execution[]): Figure {
  const data = outcomes.flatMap(({ name, color, symbol, holds }) => {
    const runs = executions.filter((run) => holds(run) && latencyMs(run) !== null);
    if (runs.length === 0) return [];
    return [
      {
        type: 'scatter',
        mode: 'markers',
        name,
        x: runs.map((run) => Math.round(millis(run.startTimeUnixNano))),
        y: runs.map((run) => Math.round(latencyMs(run) ?? 0) / 1000),
        text: runs.map(runText),
        hoverinfo: 'text',
        marker: { color, symbol, size: 7, opacity: 0.75 },
      },
    ];
  });
  const positive = executions.every((run) => (latencyMs(run) ?? 1) > 0);
  return {
    data,
    layout: {
      height: 340,
      showlegend: true,
      xaxis: { type: 'date', title: { text: 'start (UTC)' } },
      yaxis: positive ? durationAxis(executions) : { title: { text: 'latency (s)' } },
    },
  };
}

export function runName({ attempt, replication, agent, id }: Execution): string {
  const which = [
    attempt > 1 ? `attempt ${attempt}` : '',
    replication > 0 ? `replication ${replication}` : '',
  ].filter((part) => part !== '');
  return [agent.name ?? agent.id ?? id, ...which].join(' · ');
}

function runText(execution: Execution): string {
  const lines = [
    plotlyText(runName(execution)),
    plotlyText(execution.id),
    `${instant(execution.startTimeUnixNano)}, ${duration(latencyMs(execution))}`,
  ];
  return lines.join('<br>');
}

/** Success with its interval. */
export function successFigure({ buckets }: Series): Figure {
  const judged = buckets.filter(({ summary }) => summary.success !== null);
  const value = ({ summary }: Bucket): number => summary.success?.value ?? 0;
  const upper = ({ summary }: Bucket): number => summary.success?.interval.upper ?? 0;
  const lower = ({ summary }: Bucket): number => summary.success?.interval.lower ?? 0;
  return {
    data: [
      {
        ...line('success', '@accent', judged, value),
        error_y: {
          type: 'data',
          symmetric: false,
          array: judged.map((bucket) => upper(bucket) - value(bucket)),
          arrayminus: judged.map((bucket) => value(bucket) - lower(bucket)),
          color: '@accent',
          thickness: 1.5,
        },
      },
    ],
    layout: series('success, 95 % interval', {
      tickformat: '.0%',
      range: [-0.04, 1.04],
    }),
  };
}

export function latencyFigure({ buckets }: Series): Figure {
  const timed = buckets.filter(({ summary }) => summary.latencyMs !== null);
  return {
    data: [
      line('p50', '@accent', timed, ({ summary }) => (summary.latencyMs?.p50 ?? 0) / 1000),
      line('p95', '@second', timed, ({ summary }) => (summary.latencyMs?.p95 ?? 0) / 1000, 'dash'),
    ],
    layout: series('latency (s)', { rangemode: 'tozero' }),
  };
}

export function costFigure({ buckets }: Series): Figure {
  const known = buckets.filter(({ summary }) => summary.costUsd !== null);
  const mean = ({ summary: { costUsd } }: Bucket): number =>
    costUsd === null ? 0 : costUsd.sum / costUsd.runs;
  return {
    data: [line('cost a run', '@accent', known, mean)],
    layout: series('US dollars a run', { rangemode: 'tozero' }),
  };
}

export function tokensFigure({ buckets }: Series): Figure {
  const known = buckets.filter(({ summary }) => summary.inputTokens !== null);
  return {
    data: [
      line('input', '@accent', known, ({ summary }) => (summary.inputTokens ?? 0) / summary.runs),
      line(
        'output',
        '@second',
        known,
        ({ summary }) => (summary.outputTokens ?? 0) / summary.runs,
        'dash',
      ),
    ],
    layout: series('tokens a run', { rangemode: 'tozero' }),
  };
}

function line(
  name: string,
  color: string,
  buckets: readonly Bucket[],
  value: (bucket: Bucket) => number,
  dash = 'solid',
): object {
  return {
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x: buckets.map(({ startUnixNano }) => Math.round(millis(startUnixNano))),
    y: buckets.map((bucket) => Number(value(bucket).toPrecision(5))),
    line: { color, dash, width: 2 },
    marker: { color, size: 6 },
  };
}

function series(title: string, yaxis: object): object {
  return { height: 260, xaxis: { type: 'date' }, yaxis: { title: { text: title }, ...yaxis } };
}

const findingKinds = [
  { type: 'success', name: 'goes with success', color: '@good', symbol: 'square' },
  { type: 'anti_pattern', name: 'goes with failure', color: '@bad', symbol: 'diamond' },
  { type: 'optimization', name: 'cheaper or faster', color: '@good', symbol: 'circle' },
];

/** Effects of findings with their intervals, beside the line of no effect. */
export function forestFigure(patterns: readonly Pattern[]): Figure {
  const data = findingKinds.flatMap(({ type, name, color, symbol }) => {
    const rows = patterns.flatMap((pattern, y) =>
      pattern.type === type ? [{ ...pattern.effect, y }] : [],
    );
    if (rows.length === 0) return [];
    return [
      {
        type: 'scatter',
        mode: 'markers',
        name,
        x: rows.map(({ estimate }) => 100 * estimate),
        y: rows.map(({ y }) => y),
        text: rows.map(
          ({ measure, estimate, interval }) =>
            `${points(estimate)} ${effectUnit({ measure })} (${pointsInterval(interval)})`,
        ),
        hoverinfo: 'text',
        marker: { color, symbol, size: 10 },
        error_x: {
          type: 'data',
          symmetric: false,
          array: rows.map(({ estimate, interval }) => 100 * (interval.upper - estimate)),
          arrayminus: rows.map(({ estimate, interval }) => 100 * (estimate - interval.lower)),
          color,
          thickness: 2,
        },
      },
    ];
  });
  return {
    data,
    layout: {
      height: 130 + 30 * patterns.length,
      showlegend: true,
      xaxis: {
        title: { text: 'effect (points of the outcome; of cost and time, per cent)' },
        zeroline: true,
      },
      yaxis: {
        tickvals: patterns.map((_, index) => index),
        ticktext: patterns.map(findingName),
        range: [patterns.length - 0.4, -0.6],
        showgrid: false,
        zeroline: false,
      },
    },
  };
}

/** The same behaviour may be found in several outcomes. */
function findingName({ predicate, dimension }: Pattern): string {
  const about = dimension === 'reward' ? '' : ` (${plotlyText(dimension, 12)})`;
  return `${plotlyText(predicate.text, about === '' ? 44 : 32)}${about}`;
}
