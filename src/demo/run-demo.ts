import type { Evolution } from '../index';
import { InputError } from '../index';
import type { ModelEndpoint } from './chat-completions';
import type { QuestionType } from './evaluate';
import { QUESTION_TYPES } from './evaluate';
import { findPackages } from './installed-packages';
import { drawKnobs } from './knobs';
import { findNodeModules } from './find-node-modules';
import type { PackageTask } from './questions';
import { makeTasks } from './questions';
import { runConcurrently } from './run-concurrently';
import { judge, type JudgedRun, runTask, type TaskAgent } from './run-task';
import { drawUint32, shuffle } from './seeded-draw';
import type { DemoTelemetry } from './telemetry';
import { startTelemetry } from './telemetry';

/**
 * What the demo learns. `thrift` is computed from the calls and bytes of a run, so that behaviours would
 * restate it; it is for `tradeoffs`.
 */
export const learnedDimensions: readonly string[] = ['reward'];

export interface DemoOptions {
  /** Where spans and rewards go; stays open. */
  readonly evolution: Evolution;
  /** One for the whole process, where more is to follow; stays open. @defaultValue one of its own */
  readonly telemetry?: DemoTelemetry | undefined;
  /** A `node_modules` folder. @defaultValue the nearest one, from the working directory upwards */
  readonly root?: string | undefined;
  /** Which of the packages are asked about. @defaultValue all */
  readonly ask?: ((packageName: string) => boolean) | undefined;
  /** Of the sample and of every draw. @defaultValue 1 */
  readonly seed?: number | undefined;
  /** Runs, retries not counted. @defaultValue 2,000 */
  readonly executions?: number | undefined;
  /** Runs at once. @defaultValue 8 */
  readonly concurrency?: number | undefined;
  /** With one, a language model chooses the tools. @defaultValue none */
  readonly model?: ModelEndpoint | null | undefined;
  /** Ends the demo after the runs under way. */
  readonly signal?: AbortSignal | undefined;
  /** A sentence for people before the work starts: what was found, and whether it is enough. */
  readonly onStart?: ((sentence: string) => void) | undefined;
  readonly onProgress?: ((progress: DemoProgress) => void) | undefined;
}

export interface DemoProgress {
  readonly phase: 'runs' | 'rewards' | 'experiment' | 'roll-out';
  readonly done: number;
  readonly total: number;
}

export interface DemoResult {
  /** Folders with a manifest, nested ones included. */
  readonly packages: number;
  readonly tasks: number;
  /** First attempts; only these are learned from. */
  readonly executions: number;
  readonly retries: number;
  /** Runs that ended in an error, e.g. because the model could not be asked; they have no reward. */
  readonly failures: number;
  readonly rewards: number;
  /** Spans that the ordinary exporter beside ours got. */
  readonly exportedSpans: number;
  /** Spans that our processor could not keep. */
  readonly droppedSpans: number;
  /** First attempts by type of question. */
  readonly byType: readonly {
    readonly type: QuestionType;
    readonly tasks: number;
    readonly executions: number;
    /** 0..1. */
    readonly meanAccuracy: number;
  }[];
}

/**
 * Lets an agent answer questions about installed packages, with settings drawn at random for each
 * run, and judges every answer against the package's manifest, which the agent never sees.
 *
 * @throws InputError when there is no package to ask about, ConfigError without the OpenTelemetry SDK.
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { seed = 1, executions = 2_000, concurrency = 8, signal, onProgress } = options;
  const root = await findNodeModules(options.root);
  const census = await findPackages(root);
  const { ask = () => true } = options;
  const asked = census.packages.filter(({ name }) => ask(name));
  const tasks = makeTasks(asked, { seed, executions });
  if (tasks.length === 0) {
    throw new InputError(`root: there is no package to ask about in ${root}.`, {
      hint: 'Name a node_modules folder: --root path/to/node_modules',
    });
  }
  options.onStart?.(describeStart(root, census.found, tasks, executions));

  const own = options.telemetry === undefined;
  const telemetry = options.telemetry ?? (await startTelemetry(options.evolution));
  try {
    const agent: Agent = { ...options, seed, telemetry };
    const jobs = shuffle(
      seed,
      tasks.flatMap(jobsOf),
      ({ task, replication }) => `${task.id}/${replication}`,
    );
    const judged: JudgedRun[] = [];
    await runConcurrently(jobs, concurrency, signal, async (job) => {
      judged.push(...(await runJob(job, agent)));
      await telemetry.keepUp();
      onProgress?.({ phase: 'runs', done: countFirst(judged), total: jobs.length });
    });
    const rewards = await reward(judged, telemetry, onProgress);
    const told = own ? await telemetry.stop() : await telemetry.flush();
    return { packages: census.found, rewards, ...summarise(judged), ...told };
  } finally {
    if (own) await telemetry.stop();
  }
}

/** One of the runs that were fixed in advance. */
interface Job {
  readonly task: PackageTask;
  readonly replication: number;
}

interface Agent extends TaskAgent {
  readonly seed: number;
  readonly telemetry: DemoTelemetry;
}

/** Share of the failed runs that are tried once more. */
const RETRY_SHARE = 0.25;

async function runJob(job: Job, agent: Agent): Promise<readonly JudgedRun[]> {
  const { task, replication } = job;
  const { tracker } = agent.evolution;
  return tracker.withTask({ id: task.id, type: task.type, input: task.text }, async () => {
    const first = await runOnce(job, 1, agent);
    const isFailed = first.accuracy !== null && first.accuracy < 0.5;
    const draw = drawUint32(agent.seed, `retry/${task.id}/${replication}`) / 2 ** 32;
    return isFailed && draw < RETRY_SHARE ? [first, await runOnce(job, 2, agent)] : [first];
  });
}

function runOnce(job: Job, attempt: number, agent: Agent): Promise<JudgedRun> {
  const { task, replication } = job;
  const { knobs, propensities } = drawKnobs(agent.seed, `${task.id}/${attempt}/${replication}`);
  return runTask({ task, attempt, replication, knobs, propensities }, agent);
}

/** Judges the runs after the fact, as an evaluation job would. */
async function reward(
  judged: readonly JudgedRun[],
  telemetry: DemoTelemetry,
  onProgress: DemoOptions['onProgress'],
): Promise<number> {
  let done = 0;
  let rewards = 0;
  for (const run of judged) {
    if (await judge(run)) rewards += 1;
    await telemetry.keepUp();
    done += 1;
    onProgress?.({ phase: 'rewards', done, total: judged.length });
  }
  return rewards;
}

function jobsOf(task: PackageTask): readonly Job[] {
  return Array.from({ length: task.replications }, (_, replication) => ({ task, replication }));
}

function countFirst(judged: readonly JudgedRun[]): number {
  return judged.filter(({ attempt }) => attempt === 1).length;
}

function summarise(
  judged: readonly JudgedRun[],
): Pick<DemoResult, 'tasks' | 'executions' | 'retries' | 'failures' | 'byType'> {
  const first = judged.filter(({ attempt }) => attempt === 1);
  return {
    tasks: countTasks(first),
    executions: first.length,
    retries: judged.length - first.length,
    failures: judged.filter(({ accuracy }) => accuracy === null).length,
    byType: QUESTION_TYPES.flatMap((type) => {
      const runs = first.filter(({ task }) => task.type === type);
      const known = runs.flatMap(({ accuracy }) => accuracy ?? []);
      if (known.length === 0) return [];
      const meanAccuracy = known.reduce((sum, value) => sum + value, 0) / known.length;
      return [{ type, tasks: countTasks(runs), executions: runs.length, meanAccuracy }];
    }),
  };
}

function countTasks(runs: readonly Job[]): number {
  return new Set(runs.map(({ task }) => task.id)).size;
}

function describeStart(
  root: string,
  found: number,
  tasks: readonly PackageTask[],
  wanted: number,
): string {
  const runs = tasks.reduce((sum, { replications }) => sum + replications, 0);
  const sentence = `Found ${found} packages in ${root}: ${tasks.length} questions, ${runs} runs.`;
  return runs >= wanted
    ? sentence
    : `${sentence} That is too few packages for the ${wanted} runs asked for: expect to learn less.`;
}
