import type { AttributeValue, Attributes } from '../model/attributes';
import type { ClosedExecution } from '../model/learning';
import type { PredicateTerm } from '../model/pattern';
import type { Status } from '../model/status';
import type { FeatureSet } from './feature-set';
import { extractFeatures } from './features';
import { valueText } from './predicate';

/** One closed execution that may be learned from. */
export interface Unit {
  readonly id: string;
  readonly taskId: string;
  /** Empty where unknown. */
  readonly taskType: string;
  /** Empty where unknown. */
  readonly agentId: string;
  /** Empty where unknown. */
  readonly agentVersion: string;
  /** Tasks of one group count as one. */
  readonly taskGroup: string | null;
  readonly replication: number;
  readonly startTimeUnixNano: bigint;
  readonly status: Status;
  readonly config: Attributes | null;
  readonly propensities: Readonly<Record<string, number>> | null;
  readonly outcome: Readonly<Record<string, number>>;
}

/** Units in canonical order, and for every feature the positions of the units that have it, ascending. */
export interface UnitTable {
  readonly units: readonly Unit[];
  /** Number of each unit's task or declared group of tasks, from 0 in order of first appearance. */
  readonly taskCodes: Int32Array;
  /** The same for task and agent together. */
  readonly taskAgentCodes: Int32Array;
  readonly declaresTaskGroups: boolean;
  readonly present: ReadonlyMap<string, Posting<PredicateTerm>>;
  /** By `attr:KEY` and `config:KEY`. */
  readonly levels: ReadonlyMap<string, LevelTable>;
  /** By `num:KEY` and `config:KEY`. */
  readonly numbers: ReadonlyMap<string, NumberTable>;
  readonly follows: ReadonlyMap<string, Posting<readonly [string, string]>>;
  readonly counts: UnitCounts;
}

export interface Posting<T> {
  readonly of: T;
  readonly positions: readonly number[];
}

export interface LevelTable {
  readonly kind: 'attr' | 'config';
  readonly key: string;
  /** By the value's text. */
  readonly values: ReadonlyMap<string, Posting<AttributeValue>>;
}

export interface NumberTable {
  readonly kind: 'num' | 'config';
  readonly key: string;
  readonly values: readonly { readonly position: number; readonly value: number }[];
}

export interface UnitCounts {
  /** Distinct closed executions read. */
  readonly executions: number;
  /** Left out: retries (attempt above 1), which an outcome triggered. */
  readonly retries: number;
  /** Left out: later runs of tasks whose retries and replications cannot be told apart. */
  readonly attemptsUnknown: number;
}

/** An attribute with more distinct values than this is an identifier. */
const maxDistinctValues = 2_000;

/**
 * Reads closed executions into the table of units (LEARNING 3): retries are left out, of a task with
 * unknown attempts only the first run stays, a second copy of an execution changes nothing. The result
 * does not depend on the order of reading.
 */
export async function collectUnits(
  executions: AsyncIterable<ClosedExecution> | Iterable<ClosedExecution>,
): Promise<UnitTable> {
  const read = createAccumulator();
  for await (const execution of executions) read.add(execution);
  return read.finish();
}

interface Accumulator {
  add(execution: ClosedExecution): void;
  finish(): UnitTable;
}

function createAccumulator(): Accumulator {
  const seen = new Set<string>();
  const arrivals: Unit[] = [];
  const unknownTasks = new Set<string>();
  const index = createIndex();
  let retries = 0;
  return {
    add(execution) {
      if (seen.has(execution.id)) return;
      seen.add(execution.id);
      if (execution.attemptsUnknown) unknownTasks.add(execution.taskId);
      if (execution.attempt > 1 && !execution.attemptsUnknown) {
        retries += 1;
        return;
      }
      index.add(arrivals.length, extractFeatures(execution));
      arrivals.push(toUnit(execution));
    },
    finish() {
      const order = arrivals.map((_, arrival) => arrival).sort(byCanonicalOrder(arrivals));
      const firstRuns = new Set<string>();
      const kept = order.filter((arrival) => {
        const { taskId } = at(arrivals, arrival);
        if (!unknownTasks.has(taskId)) return true;
        if (firstRuns.has(taskId)) return false;
        firstRuns.add(taskId);
        return true;
      });
      const positionOf = new Int32Array(arrivals.length).fill(-1);
      kept.forEach((arrival, position) => (positionOf[arrival] = position));
      const attemptsUnknown = order.length - kept.length;
      const units = kept.map((arrival) => at(arrivals, arrival));
      return {
        units,
        taskCodes: numberUnits(units, taskOf),
        taskAgentCodes: numberUnits(units, (unit) => JSON.stringify([taskOf(unit), unit.agentId])),
        declaresTaskGroups: units.some(({ taskGroup }) => taskGroup !== null),
        ...index.finish(positionOf),
        counts: { executions: seen.size, retries, attemptsUnknown },
      };
    },
  };
}

function taskOf({ taskId, taskGroup }: Unit): string {
  return taskGroup === null ? `task ${taskId}` : `group ${taskGroup}`;
}

function numberUnits(units: readonly Unit[], nameOf: (unit: Unit) => string): Int32Array {
  const known = new Map<string, number>();
  return Int32Array.from(units, (unit) => getOrMake(known, nameOf(unit), () => known.size));
}

function toUnit(execution: ClosedExecution): Unit {
  return {
    id: execution.id,
    taskId: execution.taskId,
    taskType: execution.taskType ?? '',
    agentId: execution.agent.id ?? '',
    agentVersion: execution.agent.version ?? '',
    taskGroup: execution.taskGroup,
    replication: execution.replication,
    startTimeUnixNano: execution.rootStartTimeUnixNano,
    status: execution.status,
    config: execution.config,
    propensities: execution.propensities,
    outcome: execution.outcome,
  };
}

function byCanonicalOrder(units: readonly Unit[]): (a: number, b: number) => number {
  return (a, b) => {
    const x = at(units, a);
    const y = at(units, b);
    if (x.startTimeUnixNano !== y.startTimeUnixNano) {
      return x.startTimeUnixNano < y.startTimeUnixNano ? -1 : 1;
    }
    return x.id < y.id ? -1 : 1;
  };
}

/** Postings by arrival, turned into positions at the end. */
interface FeatureIndex {
  add(arrival: number, features: FeatureSet): void;
  finish(positionOf: Int32Array): Pick<UnitTable, 'present' | 'levels' | 'numbers' | 'follows'>;
}

interface OpenPosting<T> {
  readonly of: T;
  readonly arrivals: number[];
}

interface OpenLevels {
  readonly kind: 'attr' | 'config';
  readonly key: string;
  readonly values: Map<string, OpenPosting<AttributeValue>>;
}

interface OpenNumbers {
  readonly kind: 'num' | 'config';
  readonly key: string;
  readonly values: { readonly arrival: number; readonly value: number }[];
}

function createIndex(): FeatureIndex {
  const present = new Map<string, OpenPosting<PredicateTerm>>();
  const follows = new Map<string, OpenPosting<readonly [string, string]>>();
  const levels = new Map<string, OpenLevels>();
  const numbers = new Map<string, OpenNumbers>();
  return {
    add(arrival, features) {
      for (const [text, term] of features.present) post(present, text, term, arrival);
      for (const [text, pair] of features.follows) post(follows, text, pair, arrival);
      for (const { kind, key, value } of features.levels) {
        const { values } = getOrMake(levels, `${kind}:${key}`, () => ({
          kind,
          key,
          values: new Map<string, OpenPosting<AttributeValue>>(),
        }));
        if (values.size <= maxDistinctValues) post(values, valueText(value), value, arrival);
      }
      for (const { kind, key, value } of features.numbers) {
        getOrMake(numbers, `${kind}:${key}`, () => ({
          kind,
          key,
          values: [] as { arrival: number; value: number }[],
        })).values.push({ arrival, value });
      }
    },
    finish(positionOf) {
      const closeAll = <T>(open: ReadonlyMap<string, OpenPosting<T>>): Map<string, Posting<T>> =>
        new Map([...open].map(([text, posting]) => [text, close(posting, positionOf)]));
      return {
        present: closeAll(present),
        follows: closeAll(follows),
        levels: new Map(
          [...levels]
            .filter(([, { values }]) => values.size <= maxDistinctValues)
            .map(([name, table]) => [name, { ...table, values: closeAll(table.values) }]),
        ),
        numbers: new Map(
          [...numbers].map(([name, table]) => [name, closeNumbers(table, positionOf)]),
        ),
      };
    },
  };
}

function post<T>(
  postings: Map<string, OpenPosting<T>>,
  text: string,
  of: T,
  arrival: number,
): void {
  getOrMake(postings, text, () => ({ of, arrivals: [] as number[] })).arrivals.push(arrival);
}

function close<T>({ of, arrivals }: OpenPosting<T>, positionOf: Int32Array): Posting<T> {
  const positions = arrivals.map((arrival) => positionOf[arrival] ?? -1);
  return { of, positions: positions.filter((position) => position >= 0).sort((a, b) => a - b) };
}

function closeNumbers({ kind, key, values }: OpenNumbers, positionOf: Int32Array): NumberTable {
  return {
    kind,
    key,
    values: values
      .map(({ arrival, value }) => ({ position: positionOf[arrival] ?? -1, value }))
      .filter(({ position }) => position >= 0)
      .sort((a, b) => a.position - b.position),
  };
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no element ${index} of ${values.length}`);
  return value;
}
