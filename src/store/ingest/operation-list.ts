import type { SpanKind } from '../../model/span';
import type { Database, Session } from '../database/database';
import { listedName, operationTable } from '../schema/operation-table';
import { insertRows } from '../schema/table';
import type { PreparedSpan } from './prepared-span';

/** So many operations of one service, and in all, are listed; a name with an id in it would fill the list for ever. */
export const maxOperationsOfService = 1_000;
export const maxOperations = 10_000;

interface ListedOperation {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
}

/**
 * The list of services and operations as one process knows it. Spans of a listed operation, or of one that there is no
 * room for, cost a look into memory. A new one costs a short transaction of its own before its span is stored, so that
 * no writer waits for another's spans over it; where these then fail, it is listed all the same.
 */
export class OperationList {
  /** By service, of its operations. */
  #known: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  #full = false;
  #unlistedSpans = 0;

  /** Spans without an operation in the list. */
  get unlistedSpans(): number {
    return this.#unlistedSpans;
  }

  async add(database: Database, spans: readonly PreparedSpan[]): Promise<void> {
    const unknown = spans.map(operationOf).filter((operation) => !this.#knows(operation));
    if (unknown.length === 0) return;
    const wanted = unknown.filter(({ service }) => this.#hasRoom(service));
    // One after the other, so that two processes never list more than there is room for.
    if (wanted.length > 0) {
      this.#keep(await database.write('ordered', (session) => addOperations(session, wanted)));
    }
    this.#unlistedSpans += unknown.filter((operation) => !this.#knows(operation)).length;
  }

  #knows(operation: ListedOperation): boolean {
    return this.#known.get(operation.service)?.has(keyOf(operation)) ?? false;
  }

  #hasRoom(service: string): boolean {
    return !this.#full && (this.#known.get(service)?.size ?? 0) < maxOperationsOfService;
  }

  #keep(listed: readonly ListedOperation[]): void {
    this.#known = byService(listed);
    this.#full = listed.length >= maxOperations;
  }
}

/** Adds what there is room for; the whole list, which is short and seldom read. */
async function addOperations(
  session: Session,
  wanted: readonly ListedOperation[],
): Promise<readonly ListedOperation[]> {
  const rows = await session.all<{ service: string; name: string; kind: number | string }>(
    'SELECT service, name, kind FROM operations',
  );
  const listed = rows.map((row) => ({ ...row, kind: Number(row.kind) }));
  const known = byService(listed);
  const added: ListedOperation[] = [];
  for (const operation of wanted) {
    const ofService = known.get(operation.service) ?? new Set();
    known.set(operation.service, ofService);
    if (ofService.has(keyOf(operation)) || ofService.size >= maxOperationsOfService) continue;
    if (listed.length + added.length >= maxOperations) break;
    ofService.add(keyOf(operation));
    added.push(operation);
  }
  await insertRows(session, operationTable, added, { skipping: true, returning: 'kind' });
  return [...listed, ...added];
}

function byService(operations: readonly ListedOperation[]): Map<string, Set<string>> {
  const known = new Map<string, Set<string>>();
  for (const operation of operations) {
    const ofService = known.get(operation.service);
    if (ofService) ofService.add(keyOf(operation));
    else known.set(operation.service, new Set([keyOf(operation)]));
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
