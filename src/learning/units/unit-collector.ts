import type { ClosedExecution } from '../../model/learning';
import { createIndex, type FeatureIndex } from '../features/feature-index';
import { extractFeatures } from '../features/features';
import { resolveLearningSettings, type LearningSettings } from './learning-settings';
import {
  inOrderOfLearning,
  makeTable,
  toUnit,
  type Unit,
  type UnitPurpose,
  type UnitTable,
} from './unit-table';

/**
 * Reads closed executions into the table of units (LEARNING 3): retries are left out, of a task with
 * unknown attempts only the first run stays, a second copy of an execution changes nothing. The result
 * does not depend on the order of reading.
 */
export async function collectUnits(
  executions: AsyncIterable<ClosedExecution> | Iterable<ClosedExecution>,
  settings: Partial<LearningSettings> = {},
): Promise<UnitTable> {
  return (await collect(executions, resolveLearningSettings(settings))).table();
}

/** What tests see, and what estimates are made of: the same, unless runs were kept because of how they went. */
export interface UnitTables {
  readonly tested: UnitTable;
  readonly estimated: UnitTable;
}

export async function collectForTestsAndEstimates(
  executions: AsyncIterable<ClosedExecution>,
  settings: LearningSettings,
): Promise<UnitTables> {
  const collector = await collect(executions, settings);
  const tested = collector.table();
  // Counts of successes and failures say nothing of what else a policy looked at: no estimate of behaviours.
  const isEstimable = tested.sampling.refusal !== null && tested.sampling.classOf === null;
  return { tested, estimated: isEstimable ? collector.table('estimates') : tested };
}

async function collect(
  executions: AsyncIterable<ClosedExecution> | Iterable<ClosedExecution>,
  settings: LearningSettings,
): Promise<UnitCollector> {
  const collector = createUnitCollector(settings);
  for await (const execution of executions) collector.add(execution);
  return collector;
}

/** What is kept of executions between looks; adding one costs the same however many there are. */
export interface UnitCollector {
  /** Idempotent by execution id. */
  add(execution: ClosedExecution): void;
  /** The outcome is another now; of an execution that is not here nothing happens. */
  revise(executionId: string, outcome: Unit['outcome']): void;
  /** @param purpose - `tests` unless told */
  table(purpose?: UnitPurpose): UnitTable;
  /** Executions that are kept. */
  readonly size: number;
}

/** More than the latest executions are kept by this share, so that forgetting is rare. */
const overhang = 1.25;

export function createUnitCollector(settings: LearningSettings): UnitCollector {
  const { maxExecutions } = settings;
  const index = createIndex();
  let kept: Kept = { all: [], places: new Map(), forgotten: 0 };
  // The first units say where bins are cut; they are looked at once more before they are left behind.
  const keepFirst = (): void => {
    if (kept.forgotten > 0 || kept.all.length <= maxExecutions) return;
    const unbounded = { ...settings, maxExecutions: Infinity };
    index.keepFirst(makeTable(kept.all, 0, index, unbounded, 'tests').numbers, settings.binUnits);
  };
  return {
    get size() {
      return kept.all.length;
    },
    add(execution) {
      const { all, places } = kept;
      if (places.has(execution.id)) return;
      const unit = toUnit(execution);
      places.set(execution.id, all.length);
      if (!unit.isRetry) index.add(all.length, extractFeatures(execution));
      all.push(unit);
      if (all.length <= overhang * maxExecutions) return;
      keepFirst();
      kept = forgetOldest(kept, maxExecutions, index);
    },
    revise(executionId, outcome) {
      const { all, places } = kept;
      const unit = all[places.get(executionId) ?? -1];
      if (unit !== undefined) all[places.get(executionId) ?? -1] = { ...unit, outcome };
    },
    table(purpose = 'tests') {
      keepFirst();
      return makeTable(kept.all, kept.forgotten, index, settings, purpose);
    },
  };
}

interface Kept {
  /** In the order of arrival. */
  readonly all: Unit[];
  readonly places: Map<string, number>;
  readonly forgotten: number;
}

function forgetOldest(
  { all, forgotten }: Kept,
  maxExecutions: number,
  index: Pick<FeatureIndex, 'move'>,
): Kept {
  const order = all.map((_, place) => place).sort(inOrderOfLearning(all));
  const old = new Set(order.slice(0, all.length - maxExecutions));
  const kept = all.filter((_, place) => !old.has(place));
  let next = 0;
  index.move(Int32Array.from(all, (_, place) => (old.has(place) ? -1 : next++)));
  const places = new Map(kept.map(({ id }, place) => [id, place] as const));
  return { all: kept, places, forgotten: forgotten + old.size };
}
