import type { Clock } from '../model/ports';

/** The wall clock at its own resolution of a millisecond, in nanoseconds. */
export const systemClock: Clock = { nowUnixNano: () => BigInt(Date.now()) * 1_000_000n };
