/**
 * How often `why` names the step that was changed: successful real runs, one call or argument changed at a known
 * step, the rest kept or cut, against the successful runs of the same task.
 *
 *   --runs N    mutated runs (1000)
 *   --seed S    (1)
 *
 * `original` says whether the run that was changed is itself among the siblings (`with`) or not (`without`).
 */
import { parseArgs } from 'node:util';
import type { ClosedExecution, ExecutionStep } from '../../src/model/learning';
import { comparableSteps, findDivergence } from '../../src/learning/questions/divergence';
import { seededRandom } from '../../src/stats';
import { readTau2AirlineRuns, readTauBenchRuns } from '../../test/support/bench-runs';
import { print, share } from './harness';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
});
const wanted = Number(values.runs);
const random = seededRandom(values.seed);
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;

const all = [...readTauBenchRuns(), ...readTau2AirlineRuns()];
const tools = [...new Set(all.flatMap((run) => comparableSteps(run).map((step) => step.tool!)))];
const successes = all.filter((run) => run.outcome.reward === 1 && comparableSteps(run).length > 1);
const byTask = new Map<string, ClosedExecution[]>();
for (const run of successes) byTask.set(run.taskId, [...(byTask.get(run.taskId) ?? []), run]);

interface Mutation {
  readonly run: ClosedExecution;
  readonly original: ClosedExecution;
  readonly position: number;
}

function mutate(original: ClosedExecution): Mutation {
  const steps = comparableSteps(original);
  const position = Math.floor(random() * steps.length);
  const step = steps[position]!;
  const changed: ExecutionStep =
    random() < 0.5
      ? { ...step, toolArgumentsHash: `changed-${random()}` }
      : { ...step, tool: pick(tools.filter((tool) => tool !== step.tool)) };
  const kept = random() < 0.5 ? steps.length : position + 1;
  return {
    run: {
      ...original,
      id: `${original.id}-changed`,
      steps: steps.map((own, i) => (i === position ? changed : own)).slice(0, kept),
    },
    original,
    position,
  };
}

const readsOnly = /^(get|list|search|find|calculate|think|transfer)/;
const guesses: Record<string, (mutation: Mutation) => number> = {
  'why, original among siblings': ({ run, original }) =>
    findDivergence(run, byTask.get(original.taskId)!)?.position ?? -1,
  'why, original left out': ({ run, original }) =>
    findDivergence(
      run,
      byTask.get(original.taskId)!.filter((sibling) => sibling !== original),
    )?.position ?? -1,
  'first error': ({ run }) => comparableSteps(run).findIndex((step) => step.error),
  'last tool call': ({ run }) => comparableSteps(run).length - 1,
  'first write': ({ run }) => comparableSteps(run).findIndex(({ tool }) => !readsOnly.test(tool!)),
  random: ({ run }) => Math.floor(random() * comparableSteps(run).length),
};

const hits = new Map(Object.keys(guesses).map((name) => [name, { exact: 0, withinOne: 0, of: 0 }]));
for (let n = 0; n < wanted; n += 1) {
  const mutation = mutate(pick(successes));
  for (const [name, guess] of Object.entries(guesses)) {
    const alone = byTask.get(mutation.original.taskId)!.length < 2;
    if (alone && name.endsWith('left out')) continue;
    const distance = Math.abs(guess(mutation) - mutation.position);
    const count = hits.get(name)!;
    count.of += 1;
    if (distance === 0) count.exact += 1;
    if (distance <= 1) count.withinOne += 1;
  }
}

print({
  gate: { exact: 0.8, withinOne: 0.9 },
  runs: wanted,
  seed: values.seed,
  methods: Object.fromEntries(
    [...hits].map(([name, { exact, withinOne, of }]) => [
      name,
      { exact: share(exact, of), withinOne: share(withinOne, of) },
    ]),
  ),
});
