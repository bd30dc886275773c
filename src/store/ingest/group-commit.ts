import { StoreUnavailableError } from '../../errors';
import type { Clock, IngestResult, Refusal } from '../../model/ports';
import type { LinkTarget, RewardTarget } from '../../model/reward';
import type { Database } from '../database/database';
import { toStoreError } from '../database/database-errors';
import { storeTogether, type WriteItem } from './store-together';
import { leadingMatch } from './claims';
import type { MatchKeyDoor } from './match-keys';
import type { PreparedRows } from './prepare-rows';
import { OperationList } from './operation-list';
import type { PreparedSpan } from './prepared-span';
import type { WriteContext, WriterCaches } from './write-batch';

interface Call {
  readonly items: readonly WriteItem[];
  /** Items before this one are stored. */
  next: number;
  readonly refused: Refusal[];
  readonly resolve: (result: IngestResult) => void;
  readonly reject: (error: unknown) => void;
}

/** What one transaction takes of a call. */
interface Slice {
  readonly call: Call;
  readonly items: readonly WriteItem[];
}

/** A call of no more rows goes first. */
const smallCall = 64;
/** For so long after a small call transactions are kept short, ms. */
const shortForMillis = 1_000;
/** And so many times shorter. */
const shorter = 4;

/**
 * The writer: one transaction at a time, and the calls that come while it runs share the next one. A transaction takes
 * so much and no more: of each call its share, so that a small call never waits for a large one, which is stored in
 * slices and answered when the last one is. Where there are both, every other transaction is for small calls alone.
 */
export class GroupCommit {
  readonly #database: Database;
  readonly #caches: WriterCaches;
  readonly #maxSpans: number;
  readonly #context: () => Promise<WriteContext>;
  readonly #afterCommit: () => void;
  readonly #door: MatchKeyDoor;
  readonly #operations: OperationList;
  #waiting: Call[] = [];
  #running: Promise<void> | null = null;
  /** Transactions whose calls wait for their answer. */
  readonly #underWay = new Set<Promise<void>>();
  #smallCallAt = -Infinity;
  #lastWasSmall = false;
  #closed = false;

  constructor(
    database: Database,
    caches: WriterCaches,
    options: {
      readonly maxSpans: number;
      readonly door: MatchKeyDoor;
      readonly clock: Clock;
      readonly context: () => Promise<WriteContext>;
      readonly afterCommit: () => void;
    },
  ) {
    this.#database = database;
    this.#caches = caches;
    this.#maxSpans = options.maxSpans;
    this.#door = options.door;
    this.#operations = new OperationList(options.clock);
    this.#context = options.context;
    this.#afterCommit = options.afterCommit;
  }

  /** Spans whose operation the list has no room for. */
  get unlistedSpans(): number {
    return this.#operations.unlistedSpans;
  }

  /** Resolves after the commit that holds the batch. */
  write(rows: PreparedRows): Promise<IngestResult> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new StoreUnavailableError('The store is closed.', { code: 'closed' }));
        return;
      }
      const call = { ...toItems(rows), next: 0, resolve, reject };
      if (isSmall(call)) this.#smallCallAt = performance.now();
      this.#waiting.push(call);
      this.#running ??= this.#drain();
    });
  }

  /** Takes nothing new and waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    await Promise.all(this.#underWay);
  }

  async #drain(): Promise<void> {
    // Calls of the same turn of the event loop share the first transaction already.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#commit(this.#takeSlice());
    this.#running = null;
  }

  /** Of each call its share, and more of the first ones where there is room. */
  #takeSlice(): readonly Slice[] {
    const calls = this.#nextCalls();
    const hurry = performance.now() - this.#smallCallAt < shortForMillis;
    const most = hurry ? Math.ceil(this.#maxSpans / shorter) : this.#maxSpans;
    const share = Math.max(1, Math.floor(most / calls.length));
    const taken = new Map<Call, number>();
    let room = most;
    for (const mostOfOne of [share, most]) {
      for (const call of calls) {
        const before = taken.get(call) ?? 0;
        const left = call.items.length - call.next - before;
        const count = Math.min(left, room, mostOfOne);
        if (count === 0 && (left > 0 || taken.has(call))) continue;
        taken.set(call, before + count);
        room -= count;
      }
    }
    return [...taken].map(([call, count]) => ({
      call,
      items: call.items.slice(call.next, call.next + count),
    }));
  }

  #nextCalls(): readonly Call[] {
    const small = this.#lastWasSmall ? [] : this.#waiting.filter(isSmall);
    this.#lastWasSmall = small.length > 0 && small.length < this.#waiting.length;
    return this.#lastWasSmall ? small : this.#waiting;
  }

  /** Resolves when the next transaction may begin: this one is committed and may still be on its way to the disk, or has failed. */
  #commit(slices: readonly Slice[]): Promise<void> {
    return new Promise((next) => {
      let ended: readonly Call[] = [];
      const onCommit = (): void => {
        ended = this.#advance(slices);
        this.#afterCommit();
        next();
      };
      const work = this.#store(slices, onCommit)
        .then(
          () => {
            for (const call of ended) call.resolve(resultOf(call));
          },
          (error: unknown) => this.#fail(slices, error),
        )
        .finally(() => {
          this.#underWay.delete(work);
          next();
        });
      this.#underWay.add(work);
    });
  }

  async #store(slices: readonly Slice[], onCommit: () => void): Promise<void> {
    const items = slices.flatMap((slice) => slice.items);
    await this.#admitMatchKeys(items);
    const spans = items.flatMap((item) => (item.part === 'spans' ? [item.span] : []));
    await this.#operations.add(this.#database, spans);
    await storeTogether(this.#database, this.#caches, items, await this.#context(), onCommit);
  }

  /** Who is not finished goes behind those who have waited since. @returns those who are */
  #advance(slices: readonly Slice[]): readonly Call[] {
    for (const { call, items } of slices) call.next += items.length;
    const calls = slices.map(({ call }) => call);
    const left = calls.filter(({ next, items }) => next < items.length);
    this.#waiting = this.#waiting.filter((call) => !calls.includes(call));
    this.#waiting.push(...left);
    return calls.filter((call) => !left.includes(call));
  }

  #fail(slices: readonly Slice[], error: unknown): void {
    this.#door.forget();
    const told = toStoreError(error);
    const calls = slices.map(({ call }) => call);
    this.#waiting = this.#waiting.filter((call) => !calls.includes(call));
    for (const call of calls) call.reject(told);
  }

  /** Claims with a key that is new make the store index that key; those there is no room for are left out. */
  async #admitMatchKeys(items: readonly WriteItem[]): Promise<void> {
    const beyond = await this.#door.admit(items.flatMap(matchKeysOf));
    if (beyond.size === 0) return;
    for (const item of items) {
      const lost = matchKeysOf(item).filter((name) => beyond.has(name));
      if (lost.length === 0) continue;
      this.#door.countRefused(lost.length);
      const reason = this.#door.reason(new Set(lost));
      if (item.part === 'spans') item.span = withoutClaims(item.span, beyond, reason);
      else item.refused = reason;
    }
  }
}

const isSmall = (call: Call): boolean => call.items.length <= smallCall;

function toItems({ spans, rewards, refused }: PreparedRows): Pick<Call, 'items' | 'refused'> {
  const fresh = { duplicate: false, refused: null };
  const items: WriteItem[] = [
    ...spans.map(({ index, row }) => ({ part: 'spans' as const, index, span: row, ...fresh })),
    ...rewards.map(({ index, row }) => ({
      part: 'rewards' as const,
      index,
      reward: row,
      ...fresh,
    })),
  ];
  return { items, refused: [...refused] };
}

function resultOf(call: Call): IngestResult {
  const refused = [...call.refused];
  const reduced: Refusal[] = [];
  let accepted = 0;
  let duplicates = 0;
  for (const item of call.items) {
    if (item.refused !== null) {
      refused.push({ part: item.part, index: item.index, reason: item.refused });
    } else {
      accepted += 1;
      if (item.duplicate) duplicates += 1;
      const { part, index } = item;
      if (part === 'spans') {
        for (const reason of item.span.reduced) reduced.push({ part, index, reason });
      }
    }
  }
  return { accepted, duplicates, refused, ...(reduced.length > 0 && { reduced }) };
}

/** The span without its links and rewards by keys that there is no room for. */
function withoutClaims(span: PreparedSpan, beyond: ReadonlySet<string>, why: string): PreparedSpan {
  const stays = ({ target }: { readonly target: LinkTarget | RewardTarget }): boolean =>
    target.kind !== 'query' || !beyond.has(leadingMatch(target.matches).key);
  const links = span.links.filter(stays);
  const rewards = span.rewards.filter(stays);
  const lost = span.links.length + span.rewards.length - links.length - rewards.length;
  const reason = `left out ${lost} links or rewards: ${why}`;
  return { ...span, links, rewards, reduced: [...span.reduced, reason] };
}

function matchKeysOf(item: WriteItem): readonly string[] {
  const targets =
    item.part === 'rewards'
      ? [item.reward.target]
      : [
          ...item.span.links.map((link) => link.target),
          ...item.span.rewards.map((reward) => reward.target),
        ];
  return targets.flatMap((target) =>
    target.kind === 'query' ? [leadingMatch(target.matches).key] : [],
  );
}
