import type { AttributeValue } from '../../model/attributes';
import type { PredicateTerm } from '../../model/pattern';
import type { FeatureSet } from './feature-set';
import { attributeText } from '../../model/attributes';
import type { FeatureTables, NumberTable, Posting } from './feature-tables';

/** An attribute with more distinct values than this is an identifier. */
const maxDistinctValues = 2_000;

/**
 * Names of behaviours kept at most: tools named after what they work on would fill any memory. Beyond it those
 * are forgotten that a thousandth of the executions or fewer have, so that what has the support of a candidate
 * (2 %) loses a twentieth of its runs at most.
 */
const mostNames = 200_000;
const rareShare = 0.001;

/** Postings by arrival, turned into positions at the end. */
export interface FeatureIndex {
  add(arrival: number, features: FeatureSet): void;
  /** Arrivals are others now; -1 for one that is forgotten. */
  move(arrivalNow: Int32Array): void;
  /** Bins stay where the first units have put them, though these are forgotten. */
  keepFirst(numbers: FeatureTables['numbers'], units: number): void;
  finish(positionOf: Int32Array): FeatureTables;
}

interface OpenPosting<T> {
  readonly of: T;
  arrivals: number[];
}

interface OpenLevels {
  readonly kind: 'attr' | 'config';
  readonly key: string;
  readonly values: Map<string, OpenPosting<AttributeValue>>;
}

interface OpenNumbers {
  readonly kind: 'num' | 'config';
  readonly key: string;
  arrivals: number[];
  values: number[];
}

interface OpenTables {
  readonly present: Map<string, OpenPosting<PredicateTerm>>;
  readonly follows: Map<string, OpenPosting<readonly [string, string]>>;
  readonly levels: Map<string, OpenLevels>;
  readonly numbers: Map<string, OpenNumbers>;
  /** Values of the first units, by the numbers' names. */
  readonly first: Map<string, readonly number[]>;
}

export function createIndex(): FeatureIndex {
  const tables: OpenTables = {
    present: new Map(),
    follows: new Map(),
    levels: new Map(),
    numbers: new Map(),
    first: new Map(),
  };
  return {
    add: (arrival, features) => addFeatures(tables, arrival, features),
    move: (arrivalNow) => moveArrivals(tables, arrivalNow),
    keepFirst(numbers, units) {
      for (const [name, { values }] of numbers) {
        const early = values.filter(({ position }) => position < units);
        tables.first.set(
          name,
          early.map(({ value }) => value),
        );
      }
    },
    finish: (positionOf) => closeTables(tables, positionOf),
  };
}

function addFeatures(
  { present, follows, levels, numbers }: OpenTables,
  arrival: number,
  features: FeatureSet,
): void {
  if (present.size + follows.size > mostNames) forgetRare(arrival, present, follows);
  for (const [text, term] of features.present) post(present, text, term, arrival);
  for (const [text, pair] of features.follows) post(follows, text, pair, arrival);
  for (const { kind, key, value } of features.levels) {
    const { values } = getOrMake(levels, `${kind}:${key}`, () => ({
      kind,
      key,
      values: new Map<string, OpenPosting<AttributeValue>>(),
    }));
    if (values.size <= maxDistinctValues) post(values, attributeText(value), value, arrival);
  }
  for (const { kind, key, value } of features.numbers) {
    const table = getOrMake(numbers, `${kind}:${key}`, () => ({
      kind,
      key,
      arrivals: [] as number[],
      values: [] as number[],
    }));
    table.arrivals.push(arrival);
    table.values.push(value);
  }
}

function moveArrivals(
  { present, follows, levels, numbers }: OpenTables,
  arrivalNow: Int32Array,
): void {
  movePostings(present, arrivalNow);
  movePostings(follows, arrivalNow);
  for (const { values } of levels.values()) movePostings(values, arrivalNow);
  for (const [name, table] of numbers) {
    moveNumbers(table, arrivalNow);
    if (table.arrivals.length === 0) numbers.delete(name);
  }
}

function closeTables(
  { present, follows, levels, numbers, first }: OpenTables,
  positionOf: Int32Array,
): FeatureTables {
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
      [...numbers].map(([name, table]) => [name, closeNumbers(table, positionOf, first.get(name))]),
    ),
  };
}

function movePostings(table: Map<string, OpenPosting<unknown>>, arrivalNow: Int32Array): void {
  for (const [text, posting] of table) {
    posting.arrivals = posting.arrivals
      .map((arrival) => arrivalNow[arrival] ?? -1)
      .filter((arrival) => arrival >= 0);
    if (posting.arrivals.length === 0) table.delete(text);
  }
}

function moveNumbers(table: OpenNumbers, arrivalNow: Int32Array): void {
  const arrivals: number[] = [];
  const values: number[] = [];
  table.arrivals.forEach((arrival, i) => {
    const now = arrivalNow[arrival] ?? -1;
    if (now < 0) return;
    arrivals.push(now);
    values.push(table.values[i] ?? NaN);
  });
  table.arrivals = arrivals;
  table.values = values;
}

function forgetRare(
  executions: number,
  ...tables: readonly Map<string, { readonly arrivals: readonly number[] }>[]
): void {
  const rare = Math.max(1, rareShare * executions);
  for (const table of tables) {
    for (const [text, { arrivals }] of table) if (arrivals.length <= rare) table.delete(text);
  }
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

function closeNumbers(
  { kind, key, arrivals, values }: OpenNumbers,
  positionOf: Int32Array,
  first: readonly number[] | undefined,
): NumberTable {
  const placed = arrivals.map((arrival, i) => ({
    position: positionOf[arrival] ?? -1,
    value: values[i] ?? NaN,
  }));
  return {
    kind,
    key,
    values: placed.filter(({ position }) => position >= 0).sort((a, b) => a.position - b.position),
    ...(first === undefined ? {} : { first }),
  };
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
