import type { Reward } from '../model/reward';
import type { Span } from '../model/span';
import type { Execution } from '../model/task';
import type { Column, Figures } from './chart';
import { folded, table } from './chart';
import { runName, runsFigure, timelineFigure } from './figures';
import { flameFigure, isError } from './flame-figure';
import { count, dollars, duration, instant, plural } from './format';
import type { Html } from './html';
import { html, nothing, shorten } from './html';
import type { DetailedRun, ReportInput } from './report-input';
import { latencyMs } from './summary';

const mostRows = 200;
const mostBars = 60;

/** When the runs were, how long and how they ended. */
export function renderTimeline({ subject, executions }: ReportInput, figures: Figures): Html {
  if (executions.length === 0) return nothing;
  const rows = executions.slice(0, mostRows);
  const tabled = folded(
    'Table of the runs',
    table(
      rows.length < executions.length
        ? `The latest ${count(rows.length)} of ${plural(executions.length, 'run')}`
        : plural(rows.length, 'run'),
      rows,
      subject === 'task' ? runColumns : [...runColumns, taskColumn],
    ),
  );
  const bars = executions.slice(0, mostBars);
  const timed = executions.some((run) => latencyMs(run) !== null);
  if (subject === 'task') {
    const caption =
      bars.length < executions.length
        ? `The latest ${count(bars.length)} runs at this task, from start to end`
        : 'The runs at this task, from start to end';
    return html`<h2>Timeline</h2>
      ${figures.place(timelineFigure(bars), caption, tabled)}`;
  }
  const chart = timed
    ? figures.place(runsFigure(executions), 'Each run by its start and latency', tabled)
    : html`<p>The times of these runs were not recorded, so there is nothing to draw.</p>
        ${tabled}`;
  return html`<h2>Runs</h2>
    ${chart}`;
}

const runColumns: readonly Column<Execution>[] = [
  { title: 'run', value: (run) => shorten(run.id, 60) },
  { title: 'which', value: (run) => shorten(runName(run), 60) },
  { title: 'start (UTC)', value: (run) => instant(run.startTimeUnixNano) },
  { title: 'latency', value: (run) => duration(latencyMs(run)), numeric: true },
  { title: 'outcome', value: outcome },
  { title: 'status', value: ({ status }) => status },
  { title: 'steps', value: ({ spans }) => count(spans), numeric: true },
  { title: 'errors', value: ({ errors }) => count(errors), numeric: true },
  {
    title: 'tokens in / out',
    value: (run) => `${count(run.inputTokens)} / ${count(run.outputTokens)}`,
    numeric: true,
  },
  { title: 'cost', value: ({ costUsd }) => dollars(costUsd), numeric: true },
];

const taskColumn: Column<Execution> = { title: 'task', value: ({ taskId }) => shorten(taskId, 60) };

function outcome({ success, rewards }: Execution): string {
  const word = success === null ? 'not judged' : success ? '✓ succeeded' : '✗ failed';
  const { reward } = rewards;
  return reward === undefined ? word : `${word} (${reward.toFixed(2)})`;
}

/** The latest runs, step by step. */
export function renderDetails({ subject, detailed }: ReportInput, figures: Figures): Html {
  if (detailed.length === 0) return nothing;
  // On paper the runs of a task are all shown, of many runs those that the reader has opened.
  const kind = subject === 'task' ? 'run paper' : 'run';
  return html`<h2>Step by step</h2>
    <p class="quiet">
      What ran inside what; a step that failed is marked ✗. Open a run to see its steps.
    </p>
    ${detailed.map((run, index) => renderRun(run, kind, index === 0, figures))}`;
}

function renderRun(run: DetailedRun, kind: string, open: boolean, figures: Figures): Html {
  const { execution } = run;
  const title = [
    runName(execution),
    outcome(execution),
    instant(execution.startTimeUnixNano),
    duration(latencyMs(execution)),
    plural(execution.spans, 'step'),
  ].join(' · ');
  const content = html`<p class="quiet">
      Run <code>${shorten(execution.id, 200)}</code> of task
      <code>${shorten(execution.taskId, 200)}</code>
    </p>
    ${settings(execution)} ${judgements(run.rewards)} ${steps(run, figures)}`;
  const summary = shorten(title, 240);
  return open
    ? html`<details class="${kind}" open>
        <summary>${summary}</summary>
        ${content}
      </details>`
    : html`<details class="${kind}">
        <summary>${summary}</summary>
        ${content}
      </details>`;
}

function settings({ config, tags, flags }: Execution): Html {
  const entries = Object.entries(config ?? {}).slice(0, 40);
  const text = entries.map(([key, value]) => `${key} = ${shorten(JSON.stringify(value), 80)}`);
  const parts = [
    text.length === 0 ? '' : `Settings: ${text.join(', ')}.`,
    tags.length === 0 ? '' : `Tags: ${tags.slice(0, 40).join(', ')}.`,
    flags.includes('time_synthetic') ? 'Its times were made up, only their order is known.' : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? nothing : html`<p>${shorten(parts.join(' '), 4_000)}</p>`;
}

function judgements(rewards: readonly Reward[]): Html {
  if (rewards.length === 0) return html`<p class="quiet">Nobody judged this run.</p>`;
  return table(plural(rewards.length, 'judgement'), rewards, [
    { title: 'dimension', value: ({ name }) => shorten(name, 80) },
    {
      title: 'value',
      value: ({ value, rawValue, label }) =>
        value?.toFixed(3) ?? rawValue?.toString() ?? label ?? '–',
      numeric: true,
    },
    { title: 'further', value: ({ dimensions }) => shorten(dimensionsText(dimensions), 200) },
    {
      title: 'from',
      value: ({ source, evaluator, superseded }) =>
        shorten(
          `${source}${evaluator === null ? '' : `, ${evaluator}`}${superseded ? ' (superseded)' : ''}`,
          80,
        ),
    },
    { title: 'feedback', value: ({ feedback }) => shorten(feedback ?? '–', 1_000) },
    { title: 'when (UTC)', value: ({ timestampUnixNano }) => instant(timestampUnixNano) },
  ]);
}

function dimensionsText(dimensions: Readonly<Record<string, number>>): string {
  const parts = Object.entries(dimensions).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  return parts.length === 0 ? '–' : parts.join(', ');
}

function steps({ spans, spansTruncated, execution }: DetailedRun, figures: Figures): Html {
  if (spans.length === 0) return html`<p>Its steps are not stored.</p>`;
  const origin = spans.reduce(
    (first, { startTimeUnixNano: start }) => (start < first ? start : first),
    spans[0]!.startTimeUnixNano,
  );
  const caption = spansTruncated
    ? `${count(spans.length)} of ${plural(execution.spans, 'step')}`
    : plural(spans.length, 'step');
  const tabled = folded('Table of the steps', table(caption, spans, stepColumns(origin)));
  return figures.place(flameFigure(spans), `${caption} of this run over time`, tabled);
}

function stepColumns(origin: bigint): Column<Span>[] {
  const lasted = ({ startTimeUnixNano: start, endTimeUnixNano: end }: Span): number | null =>
    end === null ? null : Number(end - start) / 1e6;
  return [
    { title: 'step', value: ({ name }) => shorten(name, 80) },
    { title: 'role', value: ({ role }) => role },
    { title: 'model or tool', value: ({ model, tool }) => shorten(tool ?? model ?? '–', 60) },
    {
      title: 'after',
      value: ({ startTimeUnixNano }) => duration(Number(startTimeUnixNano - origin) / 1e6),
      numeric: true,
    },
    { title: 'took', value: (span) => duration(lasted(span)), numeric: true },
    {
      title: 'error',
      value: (span) =>
        isError(span) ? shorten(`✗ ${span.errorType ?? span.status.message ?? ''}`, 160) : '',
    },
    { title: 'tags', value: ({ tags }) => shorten(tags.join(', '), 120) },
  ];
}
