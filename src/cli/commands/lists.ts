import type { Command } from 'commander';
import { InputError } from '../../errors';
import type { Page, RewardQuery, TraceSummary } from '../../model/query';
import type { Reward, RewardTarget } from '../../model/reward';
import type { Span } from '../../model/span';
import type { Task } from '../../model/task';
import type { Evolution } from '../../runtime';
import { findReward, findSpan, findTask, findTraceId, readAllPages } from '../../runtime';
import {
  formatInstant,
  pageToWire,
  rewardToWire,
  spanToWire,
  taskDetailToWire,
  taskToWire,
  traceParts,
  traceSummaryToWire,
  traceToWire,
} from '../../wire';
import type { CliContext, DatabaseOptions, JsonOption, ListOptions } from '../context';
import {
  addListOptions,
  databaseOption,
  jsonOption,
  printJson,
  toQuery,
  withEvolution,
} from '../context';
import { count, dollars, milliseconds, percent } from '../format/numbers';
import type { Column } from '../format/table';
import { formatTable } from '../format/table';
import { errorText, formatTrace } from '../format/trace';

/** `tasks`, `traces`, `spans`, `rewards`: lists with filters and cursors, and `show ID`. */
export function addListCommands(program: Command, context: CliContext): void {
  addList(program, context, {
    noun: 'tasks',
    what: 'what users asked for',
    example: 'otel-evolution tasks --where type=airline,status=failed --limit 20',
    toQuery,
    read: (evolution, query) => evolution.store.listTasks(query),
    toWire: taskToWire,
    columns: taskColumns,
    show: showTask,
    describeShow: 'Show one with all its runs; the first characters of its id are enough',
  });
  addList(program, context, {
    noun: 'traces',
    what: 'traces, newest first',
    example: 'otel-evolution traces show 0af7651916cd43dd8448eb211c80319c',
    toQuery,
    read: (evolution, query) => evolution.store.listTraces(query),
    toWire: traceSummaryToWire,
    columns: traceColumns,
    show: showTrace,
    describeShow: 'Show its spans; the first characters of its id are enough',
  });
  addList(program, context, {
    noun: 'spans',
    what: 'spans',
    example: 'otel-evolution spans --where role=tool,tool=search',
    toQuery,
    read: (evolution, query) => evolution.store.querySpans(query),
    toWire: spanToWire,
    columns: spanColumns,
    show: showSpan,
  });
  addList(program, context, {
    noun: 'rewards',
    what: 'judgements of spans, executions and tasks',
    example: 'otel-evolution rewards --where task=t-1',
    toQuery: (options) => toRewardQuery(toQuery(options)),
    read: (evolution, query) => evolution.store.queryRewards(query),
    toWire: rewardToWire,
    columns: rewardColumns,
    show: showReward,
  });
}

/** @throws InputError for a filter that rewards do not have: passing it over would show too much. */
function toRewardQuery({
  taskId,
  executionId,
  traceId,
  sinceUnixNano,
  untilUnixNano,
  limit,
  cursor,
  ...others
}: ReturnType<typeof toQuery>): RewardQuery {
  if (Object.keys(others).length > 0) {
    throw new InputError('Rewards are filtered by task, execution, trace, since and until only.', {
      hint: 'Find the tasks or traces first: otel-evolution tasks --where agent=…',
    });
  }
  return { taskId, executionId, traceId, sinceUnixNano, untilUnixNano, limit, cursor };
}

interface ListSpec<Row, Query> {
  readonly noun: string;
  readonly what: string;
  readonly example: string;
  /** @throws InputError for a filter that the list does not have, before the database is opened */
  readonly toQuery: (options: ListOptions) => Query;
  readonly read: (evolution: Evolution, query: Query) => Promise<Page<Row>>;
  readonly toWire: (row: Row) => unknown;
  readonly columns: readonly Column<Row>[];
  readonly show: Show;
  readonly describeShow?: string;
}

type Show = (
  context: CliContext,
  evolution: Evolution,
  id: string,
  options: JsonOption,
) => Promise<void>;

function addList<Row, Query>(
  program: Command,
  context: CliContext,
  spec: ListSpec<Row, Query>,
): void {
  const group = program
    .command(spec.noun)
    .description(`List ${spec.what}`)
    .addHelpText('after', `\nExample:\n  $ ${spec.example}`);
  addListOptions(
    group.command('list', { isDefault: true }).description(`List ${spec.what}`),
  ).action((options: ListOptions) => {
    const query = spec.toQuery(options);
    return withEvolution(options, async (evolution) => {
      const page = await spec.read(evolution, query);
      if (options.json === true) return printJson(context.io, pageToWire(page, spec.toWire));
      await printPage(context, page, spec);
    });
  });
  group
    .command('show <id>')
    .description(spec.describeShow ?? 'Show one')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((id: string, options: DatabaseOptions & JsonOption) =>
      withEvolution(options, (evolution) => spec.show(context, evolution, id, options)),
    );
}

async function printPage<Row>(
  { io }: CliContext,
  page: Page<Row>,
  { noun, columns }: Pick<ListSpec<Row, unknown>, 'noun' | 'columns'>,
): Promise<void> {
  if (page.items.length === 0) {
    io.note(`No ${noun} match. \`otel-evolution stats\` says what is stored.`);
    return;
  }
  await io.write(`${formatTable(page.items, columns, io.columns)}\n`);
  if (page.nextCursor !== null) io.note(`More: --cursor ${page.nextCursor}`);
}

const taskColumns: readonly Column<Task>[] = [
  { title: 'task', value: (task) => task.id, flexible: true },
  { title: 'type', value: (task) => task.type ?? '–', flexible: true },
  { title: 'status', value: (task) => task.status },
  { title: 'agent', value: (task) => task.agentId ?? '–', flexible: true },
  { title: 'runs', value: (task) => count(task.executions), align: 'right' },
  { title: 'reward', value: (task) => percent(task.reward?.mean ?? null), align: 'right' },
  { title: 'created', value: (task) => shortInstant(task.createdAtUnixNano) },
];

const traceColumns: readonly Column<TraceSummary>[] = [
  { title: 'trace', value: (trace) => trace.traceId },
  { title: 'root', value: (trace) => trace.rootName ?? '–', flexible: true },
  { title: 'agent', value: (trace) => trace.agentId ?? '–', flexible: true },
  { title: 'spans', value: (trace) => count(trace.spans), align: 'right' },
  { title: 'errors', value: (trace) => count(trace.errors), align: 'right' },
  { title: 'duration', value: (trace) => milliseconds(durationMs(trace)), align: 'right' },
  { title: 'started', value: (trace) => shortInstant(trace.startTimeUnixNano) },
];

const spanColumns: readonly Column<Span>[] = [
  { title: 'trace:span', value: (span) => `${span.traceId}:${span.spanId}` },
  { title: 'name', value: (span) => span.name, flexible: true },
  { title: 'role', value: (span) => span.role },
  { title: 'model or tool', value: (span) => span.tool ?? span.model ?? '–', flexible: true },
  { title: 'duration', value: (span) => milliseconds(durationMs(span)), align: 'right' },
  { title: 'error', value: (span) => errorOf(span), flexible: true },
];

const rewardColumns: readonly Column<Reward>[] = [
  { title: 'target', value: (reward) => targetText(reward.target), flexible: true },
  { title: 'name', value: (reward) => reward.name, flexible: true },
  { title: 'value', value: (reward) => reward.value?.toFixed(3) ?? '–', align: 'right' },
  { title: 'source', value: (reward) => reward.source },
  { title: 'evaluator', value: (reward) => reward.evaluator ?? '–', flexible: true },
  { title: 'feedback', value: (reward) => reward.feedback ?? reward.label ?? '–', flexible: true },
  { title: 'state', value: (reward) => rewardState(reward) },
];

async function showTask(
  { io }: CliContext,
  evolution: Evolution,
  id: string,
  { json }: JsonOption,
): Promise<void> {
  const task = await findTask(evolution.store, id);
  const executions = {
    items: await readAllPages((page) =>
      evolution.store.listExecutions({ taskId: task.id, ...page }),
    ),
    nextCursor: null,
  };
  if (json === true) return printJson(io, taskDetailToWire(task, executions));
  await io.write(`${formatTable([task], taskColumns, io.columns)}\n\n`);
  const table = formatTable(
    executions.items,
    [
      { title: 'execution', value: (run) => run.id, flexible: true },
      { title: 'attempt', value: (run) => String(run.attempt), align: 'right' },
      { title: 'replication', value: (run) => String(run.replication), align: 'right' },
      { title: 'status', value: (run) => run.status },
      { title: 'reward', value: (run) => percent(run.rewards['reward'] ?? null), align: 'right' },
      { title: 'spans', value: (run) => count(run.spans), align: 'right' },
      { title: 'tools', value: (run) => count(run.toolCalls), align: 'right' },
      { title: 'cost', value: (run) => dollars(run.costUsd), align: 'right' },
    ],
    io.columns,
  );
  await io.write(`${table}\n`);
}

async function showTrace(
  { io }: CliContext,
  evolution: Evolution,
  id: string,
  { json }: JsonOption,
): Promise<void> {
  const traceId = await findTraceId(evolution.store, id.toLowerCase());
  const spans = await evolution.store.getTrace(traceId);
  if (json === true) return printJson(io, traceToWire(traceId, spans, traceParts));
  await io.write(`${formatTrace(spans, io)}\n`);
}

async function showSpan({ io }: CliContext, { store }: Evolution, id: string): Promise<void> {
  await printJson(io, spanToWire(await findSpan(store, id.toLowerCase())));
}

async function showReward({ io }: CliContext, { store }: Evolution, id: string): Promise<void> {
  await printJson(io, rewardToWire(await findReward(store, id)));
}

function durationMs(part: {
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint | null;
}): number | null {
  if (part.endTimeUnixNano === null) return null;
  return Math.max(0, Number(part.endTimeUnixNano - part.startTimeUnixNano) / 1e6);
}

function shortInstant(unixNano: bigint): string {
  return formatInstant(unixNano).slice(0, 19).replace('T', ' ');
}

function errorOf(span: Span): string {
  return span.status.code === 2 ? errorText(span) : '–';
}

function targetText(target: RewardTarget): string {
  switch (target.kind) {
    case 'span':
      return `span ${target.traceId}:${target.spanId}`;
    case 'execution':
      return `execution ${target.executionId}`;
    case 'task':
      return `task ${target.taskId}`;
    case 'trace':
      return `trace ${target.traceId}`;
    case 'session':
      return `session ${target.sessionId}`;
    case 'query':
      return target.matches.map(({ key, value }) => `${key}=${value}`).join(',');
  }
}

function rewardState(reward: Reward): string {
  if (reward.superseded) return 'superseded';
  return reward.resolved ? 'current' : 'waits for its target';
}
