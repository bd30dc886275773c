import type { Clock } from '../../model/ports';
import type { Database, Session } from '../database/database';

/** How many attribute keys links and rewards by query may ask for; see `claims.ts`. */
export interface MatchKeyLimits {
  /** Different keys at one time: each costs every span that is stored a look. */
  readonly most: number;
  /** Keys that are new within an hour: each costs one pass over the store. */
  readonly newPerHour: number;
  /** A key that no claim has named for so long goes, and its claims with it, ms. */
  readonly idleMillis: number;
  /** A key whose last claim has gone follows it when none has named it for so long, ms. */
  readonly graceMillis: number;
}

export const defaultMatchKeyLimits: MatchKeyLimits = {
  most: 256,
  newPerHour: 64,
  idleMillis: 7 * 24 * 3_600_000,
  graceMillis: 600_000,
};

/** What is done with a key; one that is let go has no name any more. */
export const keyPhase = {
  /** Spans that were stored before it are being indexed; its claims wait. */
  indexing: 0,
  /** Claims that have waited are being answered; new ones are answered at once. */
  joining: 1,
  ready: 2,
  /** Nothing of it is left; the row counts against the keys of its hour. */
  gone: 3,
} as const;

/** These are columns of a span, so nothing is indexed for them. */
export const idKeys: ReadonlySet<string> = new Set(['span_id', 'trace_id']);

const hourMillis = 3_600_000;

/** Lets the keys of claims in before the claims are stored, and counts the claims for whose keys there is no room. */
export class MatchKeyDoor {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #limits: MatchKeyLimits;
  /** When each was named last, as the database knows. */
  readonly #named = new Map<string, number>();
  #refused = 0;

  constructor(database: Database, clock: Clock, limits: MatchKeyLimits) {
    this.#database = database;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Links and rewards that this process has refused for their keys. */
  get refused(): number {
    return this.#refused;
  }

  countRefused(claims: number): void {
    this.#refused += claims;
  }

  /** Another process may have let keys go. */
  forget(): void {
    this.#named.clear();
  }

  /**
   * Makes keys known, in a time that does not depend on what is stored.
   *
   * @returns the keys there was no room for
   */
  async admit(names: readonly string[]): Promise<ReadonlySet<string>> {
    const now = nowMillis(this.#clock);
    const isFresh = (at: number): boolean => Math.abs(now - at) < this.#limits.graceMillis / 2;
    const asked = [...new Set(names)].filter(
      (name) => !isFresh(this.#named.get(name) ?? -Infinity),
    );
    if (asked.length === 0) return new Set();
    const { known, room } = await this.#database.write('shared', async (session) => ({
      known: await touch(session, asked, now),
      room: await readRoom(session, this.#limits, now),
    }));
    const fresh = asked.filter((name) => !known.has(name));
    // Who asks for keys in vain holds up nobody.
    const added = fresh.length === 0 || room === 0 ? [] : await this.#add(fresh, now);
    for (const name of [...known, ...added]) this.#named.set(name, now);
    const admitted = new Set(added);
    return new Set(fresh.filter((name) => !admitted.has(name)));
  }

  /** Nobody writes meanwhile, so that of any span either its writer knows the key, or it is there for the index. */
  #add(names: readonly string[], now: number): Promise<readonly string[]> {
    return this.#database.write('exclusive', async (session) => {
      const known = await touch(session, names, now);
      const room = await readRoom(session, this.#limits, now);
      const fresh = names.filter((name) => !known.has(name)).slice(0, room);
      await session.run(
        `DELETE FROM match_keys WHERE phase = ${keyPhase.gone} AND admitted_at <= ?`,
        [now - hourMillis],
      );
      const [last] = await session.all<{ key: number | string | null }>(
        'SELECT max(key) AS key FROM spans',
      );
      const lastSpan = Number(last?.key ?? 0);
      for (const name of fresh) {
        const phase = idKeys.has(name) || lastSpan === 0 ? keyPhase.ready : keyPhase.indexing;
        await session.run(
          'INSERT INTO match_keys (name, admitted_at, claimed_at, phase, done_to, last_span) VALUES (?, ?, ?, ?, 0, ?)',
          [name, now, now, phase, lastSpan],
        );
      }
      return [...known, ...fresh];
    });
  }

  /** Why claims by these keys were refused. */
  reason(keys: Iterable<string>): string {
    const all = [...keys];
    const shown = all
      .slice(0, shownKeys)
      .map((key) => JSON.stringify(key.slice(0, shownCharacters)));
    const more = all.length > shown.length ? ` and ${all.length - shown.length} more` : '';
    return (
      `no room for the attribute ${all.length === 1 ? 'key' : 'keys'} ${shown.join(', ')}${more}: expected links and ` +
      `rewards by query to use at most ${this.#limits.most} different keys in one store, and at most ` +
      `${this.#limits.newPerHour} new ones an hour`
    );
  }
}

const shownKeys = 5;
const shownCharacters = 64;

export const nowMillis = (clock: Clock): number => Number(clock.nowUnixNano() / 1_000_000n);

/** @returns those of the keys that are known; they count as named now */
async function touch(
  session: Session,
  names: readonly string[],
  now: number,
): Promise<ReadonlySet<string>> {
  const { inList, list } = session.dialect;
  const rows = await session.all<{ name: string }>(
    `UPDATE match_keys SET claimed_at = ? WHERE ${inList('name', 'text')} RETURNING name`,
    [now, list([...names])],
  );
  return new Set(rows.map(({ name }) => name));
}

async function readRoom(
  session: Session,
  { most, newPerHour }: MatchKeyLimits,
  now: number,
): Promise<number> {
  const [row] = await session.all<{ known: number | string; fresh: number | string }>(
    `SELECT (SELECT count(*) FROM match_keys WHERE name IS NOT NULL) AS known, ` +
      `(SELECT count(*) FROM match_keys WHERE admitted_at > ?) AS fresh`,
    [now - hourMillis],
  );
  return Math.max(0, Math.min(most - Number(row!.known), newPerHour - Number(row!.fresh)));
}
