import { asNumber } from './json-value';

const pattern =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:(Z)|([+-])(\d\d):?(\d\d))?$/i;

/**
 * RFC 3339 → nanoseconds since 1970, to the last digit; a time without a zone is read as UTC.
 * `null` where the text is no such time.
 */
export function parseTimeUnixNano(text: unknown): bigint | null {
  const parts = typeof text === 'string' ? pattern.exec(text) : null;
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as Six;
  const milliseconds = Date.UTC(year, month - 1, day, hour, minute, second);
  const sign = parts[9] === '-' ? -1 : 1;
  const zoneMinutes = sign * (Number(parts[10] ?? 0) * 60 + Number(parts[11] ?? 0));
  const fraction = BigInt((parts[7] ?? '').padEnd(9, '0'));
  const nanoseconds = BigInt(milliseconds - zoneMinutes * 60_000) * 1_000_000n + fraction;
  return nanoseconds >= 0n ? nanoseconds : null;
}

type Six = [number, number, number, number, number, number];

/** Microseconds since 1970, as Jaeger and Zipkin write times, in nanoseconds; `null` for no time. */
export function microsToNano(value: unknown): bigint | null {
  const micros = asNumber(value);
  return micros === null || micros < 0 ? null : BigInt(Math.round(micros)) * 1_000n;
}
