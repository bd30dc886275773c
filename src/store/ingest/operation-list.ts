import type { Clock } from '../../model/ports';
import type { SpanKind } from '../../model/span';
import type { Database, Session } from '../database/database';
import { listedName, operationTable } from '../schema/operation-table';
import type { PreparedSpan } from './prepared-span';

/** So many operations of one service, and in all, are listed; a name with an id in it would fill the list for ever. */
const maxOperationsOfService = 1_000;
const maxOperations = 10_000;

/** An operation that no span had for so long makes room for others. */
const keptDays = 30;
const dayNano = 86_400_000_000_000n;

interface ListedOperation {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
}

/** The last day, counted from 1970, on which a span of it came. */
type Seen = ListedOperation & { readonly seen_day: number };

/** By service, of each of its operations the last day that is known. */
type Known = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * The list of services and operations as one process knows it. Spans of an operation that came today already, or of one that there is no
 * room for, cost a look into memory. The first of a day costs a short transaction of its own before its span is stored, so that
 * no writer waits for another's spans over it; where these then fail, it is listed all the same.
 */
export class OperationList {
  readonly #clock: Clock;
  #known: Known = new Map();
  #listed = 0;
  #day = -1;
  #unlistedSpans = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Spans without an operation in the list. */
  get unlistedSpans(): number {
    return this.#unlistedSpans;
  }

  async add(database: Database, spans: readonly PreparedSpan[]): Promise<void> {
    this.#beginDay(Number(this.#clock.nowUnixNano() / dayNano));
    const day = this.#day;
    const fresh = spans.map(operationOf).filter((operation) => this.#seen(operation) !== day);
    if (fresh.length === 0) return;
    const wanted = fresh.filter((one) => this.#seen(one) !== undefined || this.#hasRoom(one));
    // One after the other, so that two processes never list more than there is room for.
    if (wanted.length > 0) {
      this.#keep(await database.write('ordered', (session) => noteSeen(session, wanted, day)));
    }
    this.#unlistedSpans += fresh.filter((one) => this.#seen(one) === undefined).length;
  }

  /** What was full yesterday may have room. */
  #beginDay(day: number): void {
    if (day === this.#day) return;
    this.#day = day;
    this.#known = new Map();
    this.#listed = 0;
  }

  #seen(operation: ListedOperation): number | undefined {
    return this.#known.get(operation.service)?.get(keyOf(operation));
  }

  #hasRoom({ service }: ListedOperation): boolean {
    const ofService = this.#known.get(service)?.size ?? 0;
    return this.#listed < maxOperations && ofService < maxOperationsOfService;
  }

  #keep(listed: readonly Seen[]): void {
    this.#known = byService(listed);
    this.#listed = [...this.#known.values()].reduce((sum, { size }) => sum + size, 0);
  }
}

/** Lets go what has not come for long, and adds what there is room for; the whole list, which is short and seldom read. */
async function noteSeen(
  session: Session,
  wanted: readonly ListedOperation[],
  day: number,
): Promise<readonly Seen[]> {
  await session.run('DELETE FROM operations WHERE seen_day < ?', [day - keptDays]);
  const rows = await session.all<{
    service: string;
    name: string;
    kind: number | string;
    seen_day: number | string;
  }>('SELECT service, name, kind, seen_day FROM operations');
  const listed = rows.map((row): Seen => {
    return { ...row, kind: Number(row.kind), seen_day: Number(row.seen_day) };
  });
  const known = byService(listed);
  const seen: Seen[] = [];
  let room = maxOperations - listed.length;
  for (const operation of wanted) {
    const ofService = known.get(operation.service) ?? new Map<string, number>();
    const before = ofService.get(keyOf(operation));
    if (before === day) continue;
    if (before === undefined) {
      if (ofService.size >= maxOperationsOfService || room === 0) continue;
      room -= 1;
    }
    known.set(operation.service, ofService.set(keyOf(operation), day));
    seen.push({ ...operation, seen_day: day });
  }
  if (seen.length > 0) {
    await session.run(
      `INSERT INTO operations (service, name, kind, seen_day) SELECT service, name, kind, seen_day ` +
        `FROM ${session.dialect.rows(operationTable.columns)} AS given WHERE true ` +
        `ON CONFLICT (service, name, kind) DO UPDATE SET seen_day = excluded.seen_day`,
      [JSON.stringify(seen.map((one) => [one.service, one.name, one.kind, one.seen_day]))],
    );
  }
  return [...listed, ...seen];
}

/** Of one that is there twice the later counts. */
function byService(operations: readonly Seen[]): Map<string, Map<string, number>> {
  const known = new Map<string, Map<string, number>>();
  for (const operation of operations) {
    const ofService = known.get(operation.service) ?? new Map<string, number>();
    known.set(operation.service, ofService.set(keyOf(operation), operation.seen_day));
  }
  return known;
}

const keyOf = ({ kind, name }: ListedOperation): string => `${kind} ${name}`;

const operationOf = ({ service, columns }: PreparedSpan): ListedOperation => ({
  service,
  name: listedName(String(columns.name)),
  // Spans that a program hands over may say anything; what is no kind is unspecified.
  kind: kinds.has(columns.kind) ? Number(columns.kind) : 0,
});

const kinds: ReadonlySet<unknown> = new Set<SpanKind>([0, 1, 2, 3, 4, 5]);
