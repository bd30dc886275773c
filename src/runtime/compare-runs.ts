import { checkRegression, compareStored } from '../experiments';
import type { ExperimentAnalysis } from '../model/experiment';
import type { ClosedExecution } from '../model/learning';
import type { RecordFilter } from '../model/query';
import type { RegressionCheck } from '../model/regression-check';
import { InputError } from '../errors';
import type { Evolution } from './evolution';
import { systemClock } from './system-clock';

export interface CompareRunsQuery {
  readonly control: RecordFilter;
  readonly treatment: RecordFilter;
  /** @defaultValue `success` */
  readonly metric?: string | undefined;
}

export interface CheckRunsQuery {
  readonly baseline: RecordFilter;
  readonly candidate: RecordFilter;
  /** @defaultValue `success` */
  readonly metric?: string | undefined;
  /** Largest loss that is accepted, [0, 1). @defaultValue .03 */
  readonly margin?: number | undefined;
}

type Source = Pick<Evolution, 'store'>;

/** Stored runs that were never assigned by us, one selection against another. */
export async function compareRuns(
  source: Source,
  { control, treatment, metric }: CompareRunsQuery,
): Promise<ExperimentAnalysis> {
  const [a, b] = await readBoth(source, control, treatment, ['control', 'treatment']);
  return compareStored(a, b, { metric });
}

/**
 * The gate of a pipeline.
 *
 * @throws ConfigError for a margin outside [0, 1) and a metric that is none of a gate, InputError for a filter that selects nothing
 */
export async function checkRuns(source: Source, query: CheckRunsQuery): Promise<RegressionCheck> {
  const [a, b] = await readBoth(source, query.baseline, query.candidate, ['baseline', 'candidate']);
  return checkRegression(a, b, query);
}

async function readBoth(
  { store }: Source,
  control: RecordFilter,
  treatment: RecordFilter,
  names: readonly [string, string],
): Promise<readonly [ClosedExecution[], ClosedExecution[]]> {
  await store.closeExecutions({ nowUnixNano: systemClock.nowUnixNano(), rule: 'ended' });
  const [a, b] = [await readRuns(store, control), await readRuns(store, treatment)];
  // A filter with a typing error would else pass every gate.
  for (const [runs, name] of [
    [a, names[0]],
    [b, names[1]],
  ] as const) {
    if (runs.length > 0) continue;
    throw new InputError(`The filter of ${name} selects no closed run.`, {
      hint: '`otel-evolution traces --where FILTER` shows what a filter selects.',
    });
  }
  const ids = new Set(a.map(({ id }) => id));
  const shared = b.filter(({ id }) => ids.has(id)).length;
  if (shared > 0) {
    throw new InputError(`The two filters share ${shared} runs; they must select different ones.`, {
      hint: 'Add what tells them apart: agent, config.KEY, since and until, tag.',
    });
  }
  return [a, b];
}

/** A side holds this many runs at most. */
const MOST_RUNS = 100_000;

async function readRuns(
  store: Evolution['store'],
  filter: RecordFilter,
): Promise<ClosedExecution[]> {
  const runs: ClosedExecution[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.listExecutions({ ...filter, limit: 1_000, cursor });
    const executionIds = page.items.filter(({ closed }) => closed).map(({ id }) => id);
    for await (const run of store.readClosedExecutions({ executionIds })) runs.push(run);
    cursor = page.nextCursor ?? undefined;
    if (runs.length > MOST_RUNS) {
      throw new InputError(`A filter selects more than ${MOST_RUNS} runs.`, {
        hint: 'Narrow it by since and until.',
      });
    }
  } while (cursor !== undefined);
  return runs;
}
