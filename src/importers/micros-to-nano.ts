import { asNumber } from './json-value';

/** Microseconds since 1970, as Jaeger and Zipkin write times, in nanoseconds; `null` for no time. */
export function microsToNano(value: unknown): bigint | null {
  const micros = asNumber(value);
  return micros === null || micros < 0 ? null : BigInt(Math.round(micros)) * 1_000n;
}
