import { InputError } from '../errors';

/** Nanoseconds since 1970 as RFC 3339 with nine decimals, e.g. `2026-01-31T08:00:00.000000001Z`. */
export function formatInstant(unixNano: bigint): string {
  const seconds = unixNano / 1_000_000_000n;
  const nanos = unixNano % 1_000_000_000n;
  const date = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${date}.${nanos.toString().padStart(9, '0')}Z`;
}

/** RFC 3339, a date, a time ago (`7d`, `12h`, `30m`, `45s`), or integer nanoseconds since 1970. */
export function parseInstant(text: string, nowMillis: number = Date.now()): bigint {
  if (/^\d+$/.test(text)) return parseNanos(text);
  const [, amount, unit] = /^(\d{1,6})([wdhms])$/.exec(text) ?? [];
  if (unit !== undefined) {
    const agoMillis = Number(amount) * unitMillis[unit as keyof typeof unitMillis];
    return BigInt(Math.max(0, nowMillis - agoMillis)) * 1_000_000n;
  }
  const match =
    /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2})?)?(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})?$/.exec(
      text,
    );
  const millis =
    match === null
      ? Number.NaN
      : Date.parse(`${match[1]}${match[2] ?? 'T00:00'}${match[4] ?? 'Z'}`);
  if (match === null || Number.isNaN(millis)) {
    throw new InputError(`"${text}" is no time.`, {
      hint: 'Write 7d, 12h, 2026-01-31, 2026-01-31T08:00:00Z or nanoseconds since 1970.',
    });
  }
  return within(BigInt(millis) * 1_000_000n + BigInt((match[3] ?? '').padEnd(9, '0')), text);
}

/** What both databases can hold: from 1970 to 2262. */
function within(unixNano: bigint, text: string): bigint {
  if (unixNano >= 0n && unixNano < 2n ** 63n) return unixNano;
  throw new InputError(`"${text.slice(0, 40)}" is before 1970 or after 2262.`);
}

const unitMillis = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };

function parseNanos(text: string): bigint {
  const nanos = BigInt(text);
  if (nanos >= 10n ** 15n) return within(nanos, text);
  throw new InputError(`${text} is too small for nanoseconds since 1970.`, {
    hint: `If it is in milliseconds, write ${text}000000.`,
  });
}
