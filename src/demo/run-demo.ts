import type { Evolution, SpanHandle } from '../index';
import { InputError, linkReward } from '../index';
import type { ModelEndpoint } from './chat-completions';
import type { QuestionType } from './evaluate';
import { evaluateAnswer, QUESTION_TYPES } from './evaluate';
import { findPackages } from './installed-packages';
import { drawKnobs } from './knobs';
import { answerWithModel } from './model-agent';
import { findNodeModules } from './find-node-modules';
import { answerQuestion } from './package-agent';
import { createPackageTools } from './package-tools';
import type { PackageTask } from './questions';
import { makeTasks } from './questions';
import { runConcurrently } from './run-concurrently';
import { drawUint32, shuffle } from './seeded-draw';
import type { DemoTelemetry } from './telemetry';
import { startTelemetry } from './telemetry';
import type { ToolCosts } from './traced-tools';
import { traceTools } from './traced-tools';

/**
 * What the demo learns. `thrift` is computed from the calls and bytes of a run, so that behaviours would
 * restate it; it is for `tradeoffs`.
 */
export const learnedDimensions: readonly string[] = ['reward'];

export interface DemoOptions {
  /** Where spans and rewards go; stays open. */
  readonly evolution: Evolution;
  /** A `node_modules` folder. @defaultValue the nearest one, from the working directory upwards */
  readonly root?: string | undefined;
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
  readonly phase: 'runs' | 'rewards';
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
  const tasks = makeTasks(census.packages, { seed, executions });
  if (tasks.length === 0) {
    throw new InputError(`root: there is no package to ask about in ${root}.`, {
      hint: 'Name a node_modules folder: --root path/to/node_modules',
    });
  }
  options.onStart?.(describeStart(root, census.found, tasks, executions));

  const telemetry = await startTelemetry(options.evolution);
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
    return { packages: census.found, rewards, ...summarise(judged), ...(await telemetry.stop()) };
  } finally {
    await telemetry.stop();
  }
}

/** One of the runs that were fixed in advance. */
interface Job {
  readonly task: PackageTask;
  readonly replication: number;
}

interface Agent extends Pick<DemoOptions, 'evolution' | 'model' | 'signal'> {
  readonly seed: number;
  readonly telemetry: DemoTelemetry;
}

interface JudgedRun extends Job {
  readonly attempt: number;
  /** The run's root span. */
  readonly span: SpanHandle;
  /** 0..1; `null` where the run ended in an error. */
  readonly accuracy: number | null;
  readonly costs: ToolCosts;
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

async function runOnce(job: Job, attempt: number, agent: Agent): Promise<JudgedRun> {
  const { task, replication } = job;
  const { evolution, model, signal, seed } = agent;
  const { knobs, propensities } = drawKnobs(seed, `${task.id}/${attempt}/${replication}`);
  const tools = traceTools(createPackageTools(task.package.folder), evolution.tracker);
  const question = { type: task.type, text: task.text, packageName: task.package.name };
  const name = model == null ? 'package-agent' : 'package-agent-with-model';
  let span: SpanHandle | undefined;
  let accuracy: number | null = null;
  try {
    const answer = await evolution.tracker.withExecution(
      {
        attempt,
        replication,
        config: { ...knobs },
        propensities,
        agent: { id: name, name, version: '1', type: 'package-agent' },
        attributes: task.facts,
      },
      (root) => {
        span = root;
        return model == null
          ? answerQuestion(question, knobs, tools)
          : answerWithModel(question, knobs, tools, model, evolution.tracker, signal);
      },
    );
    accuracy = evaluateAnswer(task.truth, answer);
  } catch (error) {
    // The run's own span says what went wrong; the other runs go on.
    if (span === undefined || model == null) throw error;
  }
  if (span === undefined) throw new Error('the run has no root span');
  return { ...job, attempt, span, accuracy, costs: tools.costs() };
}

/** What a call costs beside the bytes it reads, and the cost at which thrift is one half; bytes. */
const CALL_BYTES = 2_048;
const HALF_THRIFT_BYTES = 65_536;

/** Judges the runs after the fact, as an evaluation job would. */
async function reward(
  judged: readonly JudgedRun[],
  telemetry: DemoTelemetry,
  onProgress: DemoOptions['onProgress'],
): Promise<number> {
  let done = 0;
  for (const { span, accuracy, costs } of judged) {
    if (accuracy !== null) {
      const cost = costs.bytesRead + CALL_BYTES * costs.calls;
      await linkReward(span, {
        value: accuracy,
        dimensions: { thrift: 1 / (1 + cost / HALF_THRIFT_BYTES) },
        source: 'code',
        evaluator: 'manifest-check',
      });
      await telemetry.keepUp();
    }
    done += 1;
    onProgress?.({ phase: 'rewards', done, total: judged.length });
  }
  return judged.filter(({ accuracy }) => accuracy !== null).length;
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
