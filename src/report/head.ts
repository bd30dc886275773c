import type { Execution } from '../model/task';
import { count, dollars, duration, instant, percent, percentInterval, plural } from './format';
import type { Html } from './html';
import { html, nothing, shorten } from './html';
import type { ReportInput } from './report-input';
import type { Summary } from './summary';

/** What this is about, and how it went, in words. */
export function renderHead(input: ReportInput, summary: Summary): Html {
  return html`<header>
    <h1>${titleOf(input)}</h1>
    <p>${sentence(input, summary)}</p>
    ${taskFacts(input)}
    <dl class="facts">${facts(summary)}</dl>
    <p class="quiet">${scope(input, summary)}</p>
  </header>`;
}

export function titleOf({ subject, task, agentId, taskIds }: ReportInput): string {
  if (subject === 'task') return `Task ${shorten(task?.id ?? '', 200)}`;
  if (agentId !== null) return `Agent ${shorten(agentId, 200)}`;
  return taskIds.length > 0 ? plural(taskIds.length, 'task') : 'All agents';
}

function sentence({ executions }: ReportInput, summary: Summary): string {
  if (summary.runs === 0) return 'There are no runs in this selection.';
  const agents = new Set(executions.map(({ agent }) => agent.id));
  const tasks = new Set(executions.map(({ taskId }) => taskId));
  const when = timeRange(executions);
  const who = agents.size > 1 ? ` by ${plural(agents.size, 'agent')}` : '';
  const what = tasks.size > 1 ? ` on ${plural(tasks.size, 'task')}` : '';
  const how =
    summary.success === null
      ? 'None of them was judged, so success is unknown.'
      : `${count(summary.successes)} of the ${count(summary.judged)} that were judged succeeded: ` +
        `${percent(summary.success.value)}, 95 % interval ${percentInterval(summary.success.interval)}.`;
  const unjudged = summary.runs - summary.judged;
  const rest =
    unjudged > 0 && summary.success !== null
      ? ` ${plural(unjudged, 'run')} ${unjudged === 1 ? 'was' : 'were'} not judged.`
      : '';
  return `${plural(summary.runs, 'run')}${what}${who}, ${when}. ${how}${rest}`;
}

function timeRange(executions: readonly Execution[]): string {
  const last = executions[0]?.startTimeUnixNano ?? 0n;
  const first = executions.at(-1)?.startTimeUnixNano ?? last;
  const synthetic = executions.every(({ flags }) => flags.includes('time_synthetic'));
  if (synthetic) return 'at times that were not recorded';
  return first === last
    ? `at ${instant(first)} UTC`
    : `from ${instant(first)} to ${instant(last)} UTC`;
}

function taskFacts({ task }: ReportInput): Html {
  if (task === null) return nothing;
  const parts = [
    `Status ${task.status}`,
    task.type === null ? '' : `type ${task.type}`,
    task.agentId === null ? '' : `agent ${task.agentId}`,
    task.sessionId === null ? '' : `session ${task.sessionId}`,
    task.tags.length === 0 ? '' : `tags ${task.tags.slice(0, 50).join(', ')}`,
  ].filter((part) => part !== '');
  const input =
    task.input === null
      ? nothing
      : html`<p>What was asked: <q>${shorten(task.input, 2_000)}</q></p>`;
  return html`<p>${shorten(parts.join(' · '), 4_000)}</p>
    ${input}`;
}

function facts(summary: Summary): Html[] {
  const { success, latencyMs, costUsd, rewards } = summary;
  const known = (runs: number): string =>
    `known of ${count(runs)} of ${plural(summary.runs, 'run')}`;
  const reward = rewards.find(({ dimension }) => dimension === 'reward') ?? rewards[0];
  return [
    fact(
      'Success',
      percent(success?.value ?? null),
      success ? percentInterval(success.interval) : 'not judged',
    ),
    fact('Mean reward', reward?.mean.toFixed(2) ?? '–', reward ? reward.dimension : 'no reward'),
    fact(
      'Latency p50',
      duration(latencyMs?.p50 ?? null),
      latencyMs ? `p95 ${duration(latencyMs.p95)}` : 'unknown',
    ),
    fact(
      'Cost',
      dollars(costUsd?.sum ?? null),
      costUsd ? `${dollars(costUsd.sum / costUsd.runs)} a run, ${known(costUsd.runs)}` : 'unknown',
    ),
    fact('Tokens in', count(summary.inputTokens), `out ${count(summary.outputTokens)}`),
    fact('Steps that failed', count(summary.errors), `in ${plural(summary.runs, 'run')}`),
  ];
}

function fact(name: string, value: string, detail: string): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value} <small>${shorten(detail, 80)}</small></dd>
  </div>`;
}

function scope(input: ReportInput, summary: Summary): string {
  const { sinceUnixNano, untilUnixNano, executionsTruncated, detailed } = input;
  const range = [
    sinceUnixNano === null ? '' : ` since ${instant(sinceUnixNano)}`,
    untilUnixNano === null ? '' : ` until ${instant(untilUnixNano)}`,
  ].join('');
  const read = executionsTruncated
    ? `There are older runs; this report is about the latest ${count(summary.runs)}${range}.`
    : `All ${plural(summary.runs, 'run')}${range} are counted.`;
  const steps =
    detailed.length < summary.runs
      ? ` The latest ${count(detailed.length)} are shown step by step; the others are in the sums and charts only.`
      : '';
  return `${read}${steps} Made ${instant(input.madeAtUnixNano)} UTC by otel-evolution ${input.version}.`;
}
