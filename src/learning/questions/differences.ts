import type { Difference, Differences, DifferencesQuery } from '../../model/differences';
import type { PredicateTerm } from '../../model/pattern';
import type { RecordFilter } from '../../model/query';
import type { Execution } from '../../model/task';
import { benjaminiHochberg } from '../../stats';
import { compareFeatures, countComparable, type SidedRun } from './compare-features';
import { createIndex } from '../features/feature-index';
import { extractFeatures } from '../features/features';
import { readRuns, type RunSource, selectRuns } from '../units/select-runs';
import { runsText } from '../units/runs-text';

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
  const index = createIndex();
  const runs: SidedRun[] = [];
  for (const [{ ids: chosen }, inA] of [[sideA, true] as const, [sideB, false] as const]) {
    for await (const run of readRuns(source, chosen)) {
      index.add(runs.length, extractFeatures(run));
      const { taskId, taskType, agent } = run;
      runs.push({ inA, taskId, taskType, agentId: agent.id });
    }
  }
  const tables = index.finish(Int32Array.from(runs, (_, i) => i));
  const { within, codes } = chooseStrata(runs, [a ?? {}, b ?? {}]);
  const isAsked = namedBy([a ?? {}, b ?? {}]);
  const found = compareFeatures(runs, codes, tables).filter(
    ({ predicate }) => !predicate.terms.some(isAsked),
  );
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

/** What a filter selects by differs by the selection: its other values too. */
function namedBy(filters: readonly RecordFilter[]): (term: PredicateTerm) => boolean {
  const names = new Set(
    filters.flatMap(({ config = {}, attributes = {}, agentId, model, tool, tags = [] }) => [
      ...Object.keys(config).map((key) => `config:${key}`),
      ...Object.keys(attributes).map((key) => `attr:${key}`),
      ...(agentId === undefined ? [] : ['agent', 'attr:gen_ai.agent.name', 'attr:gen_ai.agent.id']),
      ...(model === undefined ? [] : ['model']),
      ...(tool === undefined ? [] : [`tool:${tool}`]),
      ...tags.map((tag) => `tag:${tag}`),
    ]),
  );
  return ({ kind, key }) => names.has(kind) || names.has(`${kind}:${key}`);
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
  const compared = `${runsText(a.runs)} against ${b.runs}`;
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
