import type { Adaptation, Evolution, ExperimentAnalysis, Lever } from '../index';
import type { ModelEndpoint } from './chat-completions';
import { QUESTION_TYPES } from './evaluate';
import { findNodeModules } from './find-node-modules';
import { findPackages } from './installed-packages';
import type { Knobs } from './knobs';
import { type PackageTools, WINDOW_BYTES } from './package-tools';
import { makeTasks, type PackageTask } from './questions';
import { runConcurrently } from './run-concurrently';
import type { DemoProgress } from './run-demo';
import { agentName, judge, type JudgedRun, runTask, type TaskAgent } from './run-task';
import { drawUint32, shuffle } from './seeded-draw';
import { type Share, shareOf } from './share';
import type { DemoTelemetry } from './telemetry';

/** What the agent is given before anything is learned. */
const firstSettings: Knobs = {
  window: 'tail',
  scan: 'both',
  first_file: 'readme',
  effort: 'stop_early',
  normalise: 'yes',
  greeting: 'hello',
};

/** Findings about the window, also of one kind of question or package: the application says what answers them. */
const windowFindings: readonly string[] = [
  '',
  ...QUESTION_TYPES.map((type) => ` & attr:task.type=${type}`),
  ...['cjs', 'esm', 'dual', 'none'].map((system) => ` & attr:package.module_system=${system}`),
].flatMap((where) => [`config:window=tail${where}`, `config:window=whole${where}`]);

/** What the demo lets be changed: which part of a file the agent reads, its end or all of it. */
export const demoLevers: readonly Lever[] = [
  {
    knob: 'window',
    kind: 'config',
    values: { oneOf: ['head', 'tail', 'whole'] },
    initial: firstSettings.window,
    holds: 'everywhere',
    serves: Object.fromEntries(windowFindings.map((finding) => [finding, 'whole'])),
  },
];

/** Learning asks about two packages of five, experiment and roll-out about the others. */
export function isForLearning(seed: number, packageName: string): boolean {
  return drawUint32(seed, `learning/${packageName}`) < 0.4 * 2 ** 32;
}

export interface ClosedLoopOptions {
  readonly evolution: Evolution;
  readonly telemetry: DemoTelemetry;
  readonly root?: string | undefined;
  /** @defaultValue 1 */
  readonly seed?: number | undefined;
  /** Executions of the experiment, at most. @defaultValue 800 */
  readonly experimentExecutions?: number | undefined;
  /** Executions after the roll-out, at most. @defaultValue 1,600 */
  readonly watchedExecutions?: number | undefined;
  /** Whether the world changes on the way. @defaultValue true */
  readonly regression?: boolean | undefined;
  readonly concurrency?: number | undefined;
  readonly model?: ModelEndpoint | null | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DemoProgress) => void) | undefined;
}

export interface ClosedLoopResult {
  readonly proposed: Adaptation;
  readonly experiment: ExperimentAnalysis;
  readonly experimentExecutions: number;
  /** `null` where the experiment shipped nothing. */
  readonly rollOut: RollOut | null;
  /** Accuracy on packages that learning has not seen, by stage. */
  readonly stages: readonly Stage[];
}

export interface RollOut {
  readonly executions: number;
  /** Execution at which the reading tool began to truncate; the loop is not told. `null` where it did not. */
  readonly changedAt: number | null;
  readonly alertAt: number | null;
  readonly rolledBackAt: number | null;
}

export interface Stage {
  readonly name: string;
  readonly setting: string;
  readonly accuracy: Share;
}

/**
 * From a confirmed pattern to a change for everybody, and back when the world changes: what `learner.learn()` found
 * is proposed, tried by an experiment, rolled out with a tenth held back, and watched. `null` with the reason where no
 * pattern calls for a change.
 */
export async function runClosedLoop(
  options: ClosedLoopOptions,
): Promise<ClosedLoopResult | { readonly reason: string }> {
  const { evolution } = options;
  const proposed = await propose(evolution);
  if ('reason' in proposed) return proposed;
  const world = await makeWorld(options);
  const tried = await tryChange(world, proposed);
  const decided = await evolution.experiments.get(tried.analysis.experimentId);
  const base = { proposed, experiment: tried.analysis, experimentExecutions: tried.runs.length };
  if (decided.decision !== 'ship') return { ...base, rollOut: null, stages: tried.stages };
  await evolution.adaptation.adopt(proposed.id, decided, tried.analysis, 'demo');
  const watched = await rollOut(world, proposed);
  return { ...base, rollOut: watched.rollOut, stages: [...tried.stages, ...watched.stages] };
}

async function propose(evolution: Evolution): Promise<Adaptation | { readonly reason: string }> {
  const { items } = await evolution.learner.queryPatterns({ limit: 1_000 });
  const reasons: string[] = [];
  for (const pattern of items.filter(({ controllable }) => controllable)) {
    const proposed = await evolution.adaptation.propose(pattern, 'demo');
    if (proposed.kind === 'proposed') {
      return evolution.adaptation.approve(proposed.adaptation.id, 'demo');
    }
    reasons.push(`${pattern.predicate.text}: ${proposed.reason}`);
  }
  return { reason: reasons.join('; ') || 'no setting was found to matter' };
}

interface World extends TaskAgent {
  readonly seed: number;
  readonly tasks: readonly PackageTask[];
  readonly telemetry: DemoTelemetry;
  readonly options: ClosedLoopOptions;
}

async function makeWorld(options: ClosedLoopOptions): Promise<World> {
  const { seed = 1, evolution, telemetry, model, signal } = options;
  const { packages } = await findPackages(await findNodeModules(options.root));
  const unseen = packages.filter(({ name }) => !isForLearning(seed, name));
  const tasks = makeTasks(unseen, { seed, executions: 1_000_000 });
  return { evolution, model, signal, seed, tasks, telemetry, options };
}

/** Fresh tasks, half of them with the change, as `assignVariant` draws it. */
async function tryChange(
  world: World,
  { knob, from, to }: Adaptation,
): Promise<{ analysis: ExperimentAnalysis; runs: JudgedRun[]; stages: Stage[] }> {
  const { experiments } = world.evolution;
  const { experimentExecutions = 800 } = world.options;
  const experiment = await experiments.create(
    {
      name: `${knob} ${JSON.stringify(to)}`,
      variants: [
        { name: 'as before', config: { [knob]: from } },
        { name: 'changed', config: { [knob]: to } },
      ],
      trafficSplit: [0.5, 0.5],
      successMetric: 'reward',
      cap: experimentExecutions,
      // Rolled out as an adaptation, with a tenth held back.
      rollOutWinner: false,
    },
    'demo',
  );
  const tasks = take(world, 'experiment', experimentExecutions);
  const runs = await runAll(world, 'experiment', tasks, (task) => {
    const { config, attributes } = experiments.assignVariant(experiment.id, task.id);
    return { knobs: { ...firstSettings, ...config }, attributes: plain(attributes) };
  });
  await world.telemetry.flush();
  const analysis = await experiments.analyze(experiment.id);
  const stage = (name: string, value: unknown): Stage => ({
    name: `experiment, ${name}`,
    setting: `${knob}=${String(value)}`,
    accuracy: accuracyOf(runs.filter(({ knobs }) => knobs[knob as keyof Knobs] === value)),
  });
  return { analysis, runs, stages: [stage('as before', from), stage('changed', to)] };
}

/** How often the loop looks, in executions; `serve` does it every ten seconds. */
const LOOK_EVERY = 50;

interface WatchedRun extends JudgedRun {
  /** Place among those of the roll-out, from 0. */
  readonly at: number;
}

async function rollOut(
  world: World,
  proposed: Adaptation,
): Promise<{ rollOut: RollOut; stages: Stage[] }> {
  const { watchedExecutions = 1_600, regression = true } = world.options;
  const tasks = take(world, 'roll-out', watchedExecutions);
  const changedAt = regression ? drawChange(world.seed, tasks.length) : null;
  let alertAt: number | null = null;
  let rolledBackAt: number | null = null;
  const runs: WatchedRun[] = [];
  while (runs.length < tasks.length && rolledBackAt === null) {
    const from = runs.length;
    const part = tasks.slice(from, from + LOOK_EVERY).map((task, i) => ({ task, at: from + i }));
    runs.push(...(await runPart(world, part, changedAt ?? Infinity, tasks.length)));
    if (world.signal?.aborted) break;
    await world.telemetry.flush();
    const steps = (await world.evolution.feedback.run())
      .filter(({ adaptationId }) => adaptationId === proposed.id)
      .map(({ step }) => step);
    if (steps.includes('alert')) alertAt ??= runs.length;
    if (steps.includes('roll_back')) rolledBackAt = runs.length;
  }
  return {
    rollOut: { executions: runs.length, changedAt, alertAt, rolledBackAt },
    stages: stagesOf(runs, proposed, changedAt),
  };
}

/** Between a tenth and three tenths of the way. */
function drawChange(seed: number, length: number): number {
  return Math.floor(length * (0.1 + 0.2 * (drawUint32(seed, 'the world changes') / 2 ** 32)));
}

async function runPart(
  world: World,
  part: readonly { readonly task: PackageTask; readonly at: number }[],
  changedAt: number,
  total: number,
): Promise<WatchedRun[]> {
  const { adaptation } = world.evolution;
  const places = new Map(part.map(({ task, at }) => [task.id, at]));
  const placeOf = ({ id }: PackageTask): number => places.get(id) ?? 0;
  const runs = await runAll(
    world,
    'roll-out',
    part.map(({ task }) => task),
    (task) => {
      const context = { unit: task.id, agentId: agentName(world), taskType: task.type };
      const { config, applied, notApplied } = adaptation.resolve(context, { ...firstSettings });
      const stamp = [...applied, ...notApplied].find((one) => one.attributes !== null)?.attributes;
      return {
        knobs: config as unknown as Knobs,
        attributes: plain(stamp ?? {}),
        ...(placeOf(task) >= changedAt && { changeTools: truncating }),
      };
    },
    { done: part[0]?.at ?? 0, total },
  );
  return runs.map((run) => ({ ...run, at: placeOf(run.task) }));
}

function stagesOf(
  runs: readonly WatchedRun[],
  { knob, from, to }: Adaptation,
  changedAt: number | null,
): Stage[] {
  const stage = (name: string, value: unknown, after: boolean): Stage => ({
    name,
    setting: `${knob}=${String(value)}`,
    accuracy: accuracyOf(
      runs.filter(
        ({ knobs, at }) =>
          knobs[knob as keyof Knobs] === value && at >= (changedAt ?? Infinity) === after,
      ),
    ),
  });
  const before = [stage('rolled out, held back', from, false), stage('rolled out', to, false)];
  if (changedAt === null) return before;
  return [
    ...before,
    stage('truncated, held back', from, true),
    stage('truncated, rolled out', to, true),
  ];
}

/** Characters that the reading tool gives after the world has changed: as much as a window, and no more. */
const LONGEST_OUTPUT = WINDOW_BYTES;

/** The reading tool of another day: what is longer comes back without its content. */
function truncating(tools: PackageTools): PackageTools {
  return {
    ...tools,
    async readFile(path, window) {
      const result = await tools.readFile(path, window);
      if (result.status !== 'ok' || result.text.length <= LONGEST_OUTPUT) return result;
      return { ...result, text: '[output too long]' };
    },
  };
}

type Settings = Pick<JudgedRun, 'knobs' | 'attributes' | 'changeTools'>;

/** Runs and judges each task once. */
async function runAll(
  world: World,
  phase: 'experiment' | 'roll-out',
  tasks: readonly PackageTask[],
  settingsOf: (task: PackageTask) => Settings,
  progress = { done: 0, total: tasks.length },
): Promise<JudgedRun[]> {
  const { evolution, telemetry, options, signal } = world;
  const { concurrency = 8, onProgress } = options;
  const judged: JudgedRun[] = [];
  await runConcurrently(tasks, concurrency, signal, async (task) => {
    const run = await evolution.tracker.withTask({ id: task.id, type: task.type }, () =>
      runTask({ task, attempt: 1, replication: 0, ...settingsOf(task) }, world),
    );
    await judge(run);
    judged.push(run);
    await telemetry.keepUp();
    onProgress?.({ phase, done: progress.done + judged.length, total: progress.total });
  });
  return judged;
}

function take({ seed, tasks }: World, purpose: string, count: number): readonly PackageTask[] {
  return shuffle(seed, tasks, ({ id }) => `${purpose}/${id}`).slice(0, count);
}

function accuracyOf(runs: readonly JudgedRun[]): Share {
  return shareOf(runs.flatMap(({ accuracy }) => accuracy ?? []));
}

function plain(attributes: Readonly<Record<string, unknown>>): NonNullable<Settings['attributes']> {
  const kept = Object.entries(attributes).filter(([, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  );
  return Object.fromEntries(kept) as NonNullable<Settings['attributes']>;
}
