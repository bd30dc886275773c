import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { version } from '../../package.json';
import { assertKnownKeys, EvolutionError, InputError, NotFoundError } from '../errors';
import type { Pattern } from '../model/pattern';
import type { RecordFilter } from '../model/query';
import type { ReportSelection, WrittenReport } from '../model/report';
import type { Execution, Task } from '../model/task';
import { effectsOfAgent } from '../learning';
import type { DetailedRun, ReportInput } from '../report';
import { generatorMark, renderReport } from '../report';
import { parseInstant } from '../wire';
import type { Evolution } from './evolution';
import { systemClock } from './system-clock';

type Source = Pick<Evolution, 'store' | 'learner'>;

const mostRuns = 20_000;
const mostTasks = 1_000;
const mostSteps = 400;
const mostFindings = 20;
/** A task's runs are what its report is for; of many runs some stand for the rest. */
const mostDetailed = { task: 30, runs: 12 } as const;
const mostOpenQuestions = { task: 5, runs: 10 } as const;

/** Reads what the selection names, and writes the page in one piece. */
export async function writeReport(
  source: Source,
  what: string | ReportSelection,
  outputPath: string,
): Promise<WrittenReport> {
  const path = resolve(outputPath);
  const replaced = await assertReplaceable(path);
  const input = await readInput(source, what);
  const page = renderReport(input);
  await writeWhole(path, page);
  return {
    path,
    bytes: Buffer.byteLength(page),
    runs: input.executions.length,
    detailed: input.detailed.length,
    replaced,
  };
}

/** Whether there is a report already. @throws InputError for any other file: it may be the database */
async function assertReplaceable(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new InputError(`${path} cannot be written: ${error.message}`, { cause: error });
  });
  if (found === null) return false;
  if (found.isFile()) {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4_096), 0, 4_096, 0);
      if (buffer.toString('utf8', 0, bytesRead).includes(generatorMark)) return true;
    } finally {
      await file.close();
    }
  }
  throw new InputError(`${path} is there and is no report; it was left as it is.`, {
    hint: 'Name another file.',
  });
}

/** Nobody sees half a page. */
async function writeWhole(path: string, page: string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(draft, page);
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`${path} cannot be written: ${reason}`, { cause });
  }
}

async function readInput(
  { store, learner }: Source,
  what: string | ReportSelection,
): Promise<ReportInput> {
  const task = typeof what === 'string' ? await findTask(store, what) : null;
  const selection = typeof what === 'string' ? { tasks: [what] } : checkedSelection(what);
  const { agentId = null, tasks = [] } = selection;
  if (agentId !== null && !(await store.listAgents()).includes(agentId)) {
    throw new NotFoundError(`There is no agent "${agentId}".`, {
      hint: '`otel-evolution stats` lists the agents.',
    });
  }
  const sinceUnixNano = toUnixNano(selection.since);
  const untilUnixNano = toUnixNano(selection.until);
  const filter = { agentId: selection.agentId, sinceUnixNano, untilUnixNano };
  const { executions, truncated } = await readExecutions(store, filter, tasks);
  const subject = task === null ? 'runs' : 'task';
  const findings = await readFindings(store, task);
  const runs = { reader: store, store };
  return {
    subject,
    task,
    agentId,
    taskIds: tasks,
    sinceUnixNano: sinceUnixNano ?? null,
    untilUnixNano: untilUnixNano ?? null,
    madeAtUnixNano: systemClock.nowUnixNano(),
    version,
    executions,
    executionsTruncated: truncated,
    detailed: await readDetails(store, executions.slice(0, mostDetailed[subject])),
    findings,
    inAgent: agentId === null ? null : await effectsOfAgent(runs, findings, agentId),
    review: await learner.review({ agentId: selection.agentId, limit: mostOpenQuestions[subject] }),
    plotly: await readPlotly(),
  };
}

async function findTask(store: Source['store'], id: string): Promise<Task> {
  const task = await store.getTask(id);
  if (task !== null) return task;
  throw new NotFoundError(`There is no task "${id}".`, {
    hint: '`otel-evolution tasks` lists the tasks.',
  });
}

function checkedSelection(selection: ReportSelection): ReportSelection {
  assertKnownKeys('generateReport', selection, ['agentId', 'since', 'until', 'tasks']);
  const { tasks } = selection;
  if (tasks !== undefined && (tasks.length === 0 || tasks.length > mostTasks)) {
    throw new InputError(`tasks: expected 1 to ${mostTasks} ids, got ${tasks.length}.`);
  }
  return selection;
}

function toUnixNano(time: ReportSelection['since']): bigint | undefined {
  if (time === undefined) return undefined;
  if (time instanceof Date) {
    if (Number.isNaN(time.getTime())) throw new InputError('An invalid Date is no time.');
    return BigInt(time.getTime()) * 1_000_000n;
  }
  return parseInstant(String(time));
}

/** The latest first, at most `mostRuns`. */
async function readExecutions(
  store: Source['store'],
  filter: RecordFilter,
  tasks: readonly string[],
): Promise<{ executions: readonly Execution[]; truncated: boolean }> {
  const filters = tasks.length === 0 ? [filter] : tasks.map((taskId) => ({ ...filter, taskId }));
  const executions: Execution[] = [];
  let truncated = false;
  for (const one of filters) {
    let cursor: string | undefined;
    do {
      const page = await store.listExecutions({ ...one, limit: 1_000, cursor });
      executions.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && executions.length < mostRuns);
    truncated ||= cursor !== undefined;
  }
  executions.sort((a, b) => Number(b.startTimeUnixNano - a.startTimeUnixNano));
  return {
    executions: executions.slice(0, mostRuns),
    truncated: truncated || executions.length > mostRuns,
  };
}

async function readDetails(
  store: Source['store'],
  executions: readonly Execution[],
): Promise<DetailedRun[]> {
  const detailed: DetailedRun[] = [];
  for (const execution of executions) {
    const executionId = execution.id;
    const { items, nextCursor } = await store.querySpans({ executionId, limit: mostSteps });
    const rewards = await store.queryRewards({ executionId, limit: 50 });
    const spans = [...items].sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
    detailed.push({
      execution,
      spans,
      spansTruncated: nextCursor !== null,
      rewards: rewards.items,
    });
  }
  return detailed;
}

/** Heads that hold now, for the type of the task. */
async function readFindings(store: Source['store'], task: Task | null): Promise<Pattern[]> {
  const { items } = await store.queryPatterns({ limit: 1_000 });
  return items
    .filter(({ status }) => ['observed', 'confirmed', 'causal'].includes(status))
    .filter(({ id, finding }) => finding.id === id)
    .filter(({ context }) => task === null || [null, task.type].includes(context.taskType))
    .slice(0, mostFindings);
}

/** From where this package is installed; only its text is read. */
async function readPlotly(): Promise<string> {
  try {
    return await readFile(createRequire(__filename).resolve('plotly.js-basic-dist-min'), 'utf8');
  } catch (cause) {
    throw new EvolutionError('driver_missing', 'The charts need plotly.js-basic-dist-min.', {
      cause,
      hint: 'npm install plotly.js-basic-dist-min@4.1.1',
    });
  }
}
