import type { Clock } from '../model/ports';
import type { RefusedInput } from '../model/service-desk';

/** Reasons that are told apart; what comes beyond is counted as one. */
const mostReasons = 100;
const longestReason = 300;
const beyond = 'other reasons';

/** Counts what was refused by its reason, in bounded memory. Reasons that differ in numbers and quoted texts are one. */
export class RefusalLog {
  readonly #clock: Clock;
  readonly #entries = new Map<string, RefusedInput>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(source: RefusedInput['source'], reason: string, count = 1): void {
    const text = reason.slice(0, longestReason);
    const known = this.#entries.size < mostReasons || this.#entries.has(kindOf(source, text));
    const key = kindOf(source, known ? text : beyond);
    const before = this.#entries.get(key)?.count ?? 0;
    this.#entries.set(key, {
      source,
      reason: known ? text : beyond,
      count: before + count,
      lastUnixNano: this.#clock.nowUnixNano(),
    });
  }

  /** The latest first. */
  read(): readonly RefusedInput[] {
    return [...this.#entries.values()].sort((a, b) => (a.lastUnixNano > b.lastUnixNano ? -1 : 1));
  }
}

function kindOf(source: string, reason: string): string {
  return `${source} ${reason.replace(/"[^"]*"?/g, '"…"').replace(/\d+/g, '#')}`;
}
