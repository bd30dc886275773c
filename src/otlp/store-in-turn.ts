import { StoreUnavailableError } from '../errors';
import { Door, type Passage } from './door';
import { estimateCost } from './estimate-cost';
import type { Lease } from './memory-budget';
import { type OtlpIntake, sliceRecords, type StoredRequest } from './otlp-intake';
import type { OtlpLimits } from './otlp-limits';
import { Pace } from './pace';
import type { Route } from './route-request';
import { Turns } from './turns';
import { Unfinished } from './unfinished';
import { withinDeadline, type WriteHealth } from './write-health';

/** Enough that one is understood while others are stored, and few, since who comes waits for all of them. */
const slicesAtOnce = 6;
const nearlyDone = 2 * sliceRecords;
/** A request of so few is in and out between two slices of others. */
const smallRecords = 64;

/** What every request of one handler goes through. */
export interface Desk {
  readonly limits: OtlpLimits;
  readonly pace: Pace;
  readonly intake: OtlpIntake;
  readonly door: Door;
  readonly turns: Turns;
  readonly unfinished: Unfinished;
  readonly health: WriteHealth;
}

export function createDesk(
  limits: OtlpLimits,
  intake: OtlpIntake,
  health: WriteHealth,
  monotonicMillis: () => number,
): Desk {
  const pace = new Pace(monotonicMillis);
  const turns = new Turns({
    maxWorking: limits.maxWorkingRecords,
    maxSlices: sliceRecords * slicesAtOnce,
    slice: sliceRecords,
    small: smallRecords,
    get maxWaiting() {
      const inTime = pace.recordsIn(limits.maxWaitMillis) ?? Infinity;
      return Math.min(limits.maxWaitingRecords, Math.max(inTime, limits.maxWorkingRecords));
    },
  });
  const door = new Door(limits, pace, monotonicMillis);
  return { limits, pace, intake, door, turns, unfinished: new Unfinished(), health };
}

/** A request whose body is in. */
export interface Arrived {
  readonly body: Uint8Array;
  readonly connection: object;
  readonly passage: Passage;
  readonly lease: Lease;
}

/**
 * What became of the request, within the time that its client waits. Sent again while it is still being stored, it
 * joins the work on it.
 *
 * @throws BusyError, OtlpDecodeError, else like the intake
 */
export async function storeInTime(
  desk: Desk,
  route: Route,
  arrived: Arrived,
  leave: () => void,
): Promise<StoredRequest> {
  const { limits, health, unfinished } = desk;
  const { body, passage } = arrived;
  const maxAnswerMillis = Math.max(1, limits.maxAnswerMillis - passage.waitedMillis);
  const cost = estimateCost(body, route);
  const key = cost > sliceRecords ? Unfinished.keyOf(body) : '';
  try {
    return await withinDeadline({ ...limits, maxAnswerMillis }, health, (ended) => {
      const begun = unfinished.find(key);
      return (begun ?? storeInTurn(desk, route, { ...arrived, cost, key }, ended)).finally(leave);
    });
  } catch (error) {
    unfinished.giveUp(key, arrived.connection);
    throw error;
  }
}

interface Charged extends Arrived {
  readonly cost: number;
  readonly key: string;
}

async function storeInTurn(
  desk: Desk,
  route: Route,
  { body, connection, passage, cost, key }: Charged,
  ended: AbortSignal,
): Promise<StoredRequest> {
  const { turns, unfinished, limits } = desk;
  passage.read(cost);
  const maxWaitMillis = Math.max(1, limits.maxWaitMillis - passage.waitedMillis);
  const turn = await turns.take(connection, cost, maxWaitMillis, ended);
  const work = store(desk, route, body, (done) => {
    passage.stored(done);
    // One after the other is sooner for all than side by side; the next is decoded while the last of this one is stored.
    if (cost - done < nearlyDone) turn.charge(Math.max(0, cost - done));
  });
  if (key !== '') unfinished.begin(key, work);
  return work.finally(() => turn.end());
}

/** Goes to its end, also when the answer has given up waiting for it. `onProgress` hears how many records are stored so far. */
async function store(
  { intake, health, pace }: Desk,
  route: Route,
  body: Uint8Array,
  onProgress: (done: number) => void,
): Promise<StoredRequest> {
  const endWork = pace.begin();
  let done = 0;
  try {
    return await intake(body, route, (records) => {
      pace.stored(records);
      onProgress((done += records));
      if (records > 0) health.succeeded();
    });
  } catch (error) {
    if (error instanceof StoreUnavailableError) health.failed(error);
    throw error;
  } finally {
    endWork();
  }
}
