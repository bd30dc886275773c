import type { Pace } from './pace';
import { type Turn, Turns } from './turns';

export interface DoorLimits {
  /** Records that may be inside while nothing is known of the store's pace. */
  readonly maxWorkingRecords: number;
  readonly maxWaitMillis: number;
  readonly maxAnswerMillis: number;
}

/** A body that is being read, waits for its turn or is worked on. */
export interface Passage {
  /** Time it has stood before the door, ms. */
  readonly waitedMillis: number;
  /** The body is in, and asks for so many records. */
  read(records: number): void;
  /** So many of them are stored by now. */
  stored(records: number): void;
  end(): void;
}

/** A smaller body comes in at once: what it asks for is known only when it is there. */
const largeBytes = 256 * 1024;
/** One that comes more slowly keeps nobody else waiting. */
const maxReadingMillis = 1_000;
/** Of the records of an unread body; each that is read corrects it. */
const firstRecordsPerByte = 1 / 128;

/**
 * Before it stands who brings a large body, unread, which costs the sender's memory and not ours. It comes in when what is
 * inside will be stored in time for it to be stored in time: work on a request whose client has given up is wasted.
 */
export class Door {
  readonly #turns: Turns;
  readonly #now: () => number;
  #recordsPerByte = firstRecordsPerByte;

  constructor(limits: DoorLimits, pace: Pace, monotonicMillis: () => number) {
    this.#now = monotonicMillis;
    this.#turns = new Turns({
      get maxWorking() {
        return pace.recordsIn(limits.maxAnswerMillis / 2) ?? limits.maxWorkingRecords;
      },
      maxSlices: Infinity,
      slice: Infinity,
      small: 0,
      maxWaiting: Infinity,
    });
  }

  get waiting(): number {
    return this.#turns.waiting;
  }

  /**
   * @param bytes as the sender declares them
   * @throws BusyError when there is no room in time
   */
  async enter(
    connection: object,
    bytes: number | undefined,
    maxWaitMillis: number,
  ): Promise<Passage> {
    if (bytes === undefined || bytes < largeBytes) return free;
    const startedAt = this.#now();
    const cost = Math.ceil(bytes * this.#recordsPerByte);
    const turn = await this.#turns.take(connection, cost, maxWaitMillis);
    return this.#passage(turn, bytes, this.#now() - startedAt);
  }

  #passage(turn: Turn, bytes: number, waitedMillis: number): Passage {
    const slow = setTimeout(() => turn.charge(0), maxReadingMillis);
    let cost = 0;
    return {
      waitedMillis,
      read: (records) => {
        clearTimeout(slow);
        this.#recordsPerByte += (records / bytes - this.#recordsPerByte) / 4;
        turn.charge((cost = records));
      },
      stored: (records) => turn.charge(Math.max(0, cost - records)),
      end: () => {
        clearTimeout(slow);
        turn.end();
      },
    };
  }
}

const ignore = (): void => undefined;
const free: Passage = { waitedMillis: 0, read: ignore, stored: ignore, end: ignore };
