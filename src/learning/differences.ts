import type { ClosedExecution } from '../model/learning';
import type { Difference, Differences, DifferencesQuery } from '../model/differences';
import type { PredicateTerm } from '../model/pattern';
import type { RecordFilter } from '../model/query';
import type { Execution } from '../model/task';
import { benjaminiHochberg } from '../stats';
import { compareFeatures, countComparable, type SidedRun } from './compare-features';
import { extractFeatures } from './features';
import { makePredicate } from './predicate';
import { readRuns, type RunSource, selectRuns } from './select-runs';

/**
 * What Elastic's correlations and Honeycomb's BubbleUp answer, with strata and multiplicity: every feature ranked
 * by how differently often the two selections have it within the same task and agent (what a filter selects by is
 * not held fixed). Shares: CMH test, Mantel–Haenszel difference with Sato's interval. Numbers: stratified Welch
 * with Mantel–Haenszel weights.
 */
export async function findDifferences(
  source: RunSource,
  { a, b, limit = 20 }: DifferencesQuery,
): Promise<Differences> {
  const sideA = await selectRuns(source, a ?? {}, a === undefined ? failed : everyRun);
  const ids = new Set(sideA.ids);
  const rest = ({ id }: Execution): boolean => !ids.has(id);
  const isRest = b === undefined && a === undefined ? succeeded : rest;
  const sideB = await selectRuns(source, b ?? {}, isRest);
  const runs = [
    ...(await readSide(source, sideA.ids, true)),
    ...(await readSide(source, sideB.ids, false)),
  ];
  const { within, codes } = chooseStrata(runs, [a ?? {}, b ?? {}]);
  const found = compareFeatures(runs, codes);
  const qValues = benjaminiHochberg(found.map(({ pValue }) => pValue));
  const differences = found
    .map((difference, i) => ({ ...difference, qValue: qValues[i] ?? 1 }))
    .sort((x, y) => x.pValue - y.pValue || (x.predicate.text < y.predicate.text ? -1 : 1))
    .slice(0, limit);
  const counts = {
    a: { runs: runs.filter(({ inA }) => inA).length, truncated: sideA.truncated },
    b: { runs: runs.filter(({ inA }) => !inA).length, truncated: sideB.truncated },
  };
  const sentence = summarise(counts, within, differences);
  return { ...counts, within, features: found.length, differences, sentence };
}

const everyRun = (): boolean => true;
const failed = ({ success }: Execution): boolean => success === false;
const succeeded = ({ success }: Execution): boolean => success === true;

async function readSide(
  source: RunSource,
  ids: readonly string[],
  inA: boolean,
): Promise<SidedRun[]> {
  const runs: SidedRun[] = [];
  for await (const run of readRuns(source, ids)) runs.push(toSided(run, inA));
  return runs;
}

function toSided(run: ClosedExecution, inA: boolean): SidedRun {
  const features = extractFeatures(run);
  const terms = new Map(features.present);
  for (const { kind, key, value } of features.levels) {
    const term: PredicateTerm = { kind, key, op: '=', value };
    terms.set(makePredicate([term]).text, term);
  }
  const numbers = new Map(
    features.numbers.map(({ kind, key, value }) => {
      const term: PredicateTerm = { kind, key, op: 'present', value: true };
      return [makePredicate([term]).text, { term, value }];
    }),
  );
  const { taskId, taskType, agent } = run;
  return { inA, taskId, taskType, agentId: agent.id, terms, numbers };
}

const stratumKeys: readonly {
  readonly name: string;
  readonly filteredBy: readonly (keyof RecordFilter)[];
  readonly of: (run: SidedRun) => string;
}[] = [
  { name: 'task', filteredBy: ['taskId', 'taskType'], of: ({ taskId }) => taskId },
  { name: 'task.type', filteredBy: ['taskType', 'taskId'], of: ({ taskType }) => taskType ?? '' },
  { name: 'agent', filteredBy: ['agentId'], of: ({ agentId }) => agentId ?? '' },
];

/** The finest strata of which a quarter of the runs lie where both sides are. */
function chooseStrata(
  runs: readonly SidedRun[],
  filters: readonly RecordFilter[],
): { readonly within: readonly string[]; readonly codes: readonly string[] } {
  const selected = new Set(
    filters.flatMap((filter) =>
      Object.entries(filter).flatMap(([key, value]) => (value === undefined ? [] : [key])),
    ),
  );
  const isFree = (name: string): boolean =>
    stratumKeys
      .find((key) => key.name === name)!
      .filteredBy.every((filterKey) => !selected.has(filterKey));
  const choices = [['task', 'agent'], ['task'], ['task.type', 'agent'], ['task.type'], ['agent']];
  for (const within of choices) {
    if (!within.every(isFree)) continue;
    const keys = within.map((name) => stratumKeys.find((key) => key.name === name)!);
    const codes = runs.map((run) => JSON.stringify(keys.map((key) => key.of(run))));
    if (countComparable(runs, codes) >= runs.length / 4) return { within, codes };
  }
  return { within: [], codes: runs.map(() => '') };
}

function summarise(
  { a, b }: Pick<Differences, 'a' | 'b'>,
  within: readonly string[],
  differences: readonly Difference[],
): string {
  const compared = `${a.runs} runs against ${b.runs}`;
  if (a.runs === 0 || b.runs === 0) return `Nothing to compare: ${compared}.`;
  const held =
    within.length === 0
      ? 'over all runs, since they share neither task nor agent'
      : `within the same ${within.join(' and ')}`;
  const [first] = differences.filter(({ qValue }) => qValue <= 0.05);
  const found =
    first === undefined
      ? 'no feature differs beyond chance'
      : `what differs most is ${first.predicate.text}`;
  return `${compared}, compared ${held}: ${found}. This explores; it promotes nothing.`;
}
