/** What is not known; never 0. */
export const unknown = '–';

/** Nanoseconds for people: `850 ns`, `12.3 ms`, `4.21 s`, `3 min 04 s`, `2 h 05 min`. */
export function formatDuration(nanos: number | null): string {
  if (nanos === null) return unknown;
  const size = Math.abs(nanos);
  const sign = nanos < 0 ? '−' : '';
  if (size < 1e3) return `${sign}${Math.round(size)} ns`;
  if (size < 1e6) return `${sign}${digits(size / 1e3)} µs`;
  if (size < 999.5e6) return `${sign}${digits(size / 1e6)} ms`;
  if (size < 59.95e9) return `${sign}${digits(size / 1e9)} s`;
  const seconds = Math.round(size / 1e9);
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return `${sign}${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  return `${sign}${Math.round(minutes / 60 / 24)} d`;
}

/** Three significant digits, without an exponent. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** `12`, `1,234`, `56.7k`, `1.2M`. */
export function formatCount(count: number | null): string {
  if (count === null) return unknown;
  if (count < 10_000) return count.toLocaleString('en-US');
  if (count < 999_500) return `${digits(count / 1e3)}k`;
  return count < 999.5e6 ? `${digits(count / 1e6)}M` : `${digits(count / 1e9)}G`;
}

/** US dollars: two decimals, or as many as the first two digits need. */
export function formatCost(dollars: number | null): string {
  if (dollars === null) return unknown;
  if (dollars === 0) return '$0';
  if (Math.abs(dollars) >= 0.1) {
    return `$${dollars.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  }
  return Math.abs(dollars) < 1e-6 ? '<$0.000001' : `$${dollars.toPrecision(2).replace(/e.*/, '')}`;
}

/** 0..1 as `73 %`, `7.3 %`, `0.04 %`. */
export function formatShare(share: number | null): string {
  if (share === null) return unknown;
  const percent = share * 100;
  const size = Math.abs(percent);
  // Nearly certain is not certain.
  if (percent > 99.99 && percent < 100) return '>99.99 %';
  if (percent > 99 && percent < 100) return `${percent.toFixed(2)} %`;
  if (percent > 0 && percent < 0.01) return '<0.01 %';
  const decimals = size >= 10 || size === 0 ? 0 : size >= 1 ? 1 : 2;
  return `${percent.toFixed(decimals).replace('-', '−')} %`;
}

/** A difference of shares in points: `+7.3 pp`. */
export function formatPoints(difference: number | null): string {
  if (difference === null) return unknown;
  const points = difference * 100;
  return `${points > 0 ? '+' : points < 0 ? '−' : '±'}${Math.abs(points).toFixed(1)} pp`;
}

/** A change against what it was: `−33.3 %`. */
export function formatChange(change: number | null): string {
  return formatPoints(change).replace('pp', '%');
}

/** A p, q or e value. */
export function formatPValue(value: number | null): string {
  if (value === null) return unknown;
  if (value === 0) return '0';
  return value < 0.0001 ? value.toExponential(1).replace('-', '−') : value.toFixed(4);
}

/** An e-value, which may be beyond all words: `10.9`, `2.4e+23`. */
export function formatEvidence(value: number | null): string {
  return value !== null && value >= 1e6 ? value.toExponential(1) : formatNumber(value);
}

/** With a capital letter, unless it begins with a name, which stays as it is. */
export function capitalised(text: string): string {
  return /^[a-z]+(\s|,|$)/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

export function formatNumber(value: number | null): string {
  if (value === null) return unknown;
  const size = Math.abs(value);
  const text =
    size >= 1000
      ? value.toLocaleString('en-US', { maximumFractionDigits: 0 })
      : value.toPrecision(3);
  return text.replace('-', '−');
}

/** Bytes of text. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return unknown;
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6
    ? `${digits(bytes / 1e3)} kB`
    : bytes < 1e9
      ? `${digits(bytes / 1e6)} MB`
      : `${digits(bytes / 1e9)} GB`;
}

export type TimeZone = 'local' | 'utc';

/** Milliseconds since 1970 of RFC 3339 or of integer nanoseconds. */
export function toMillis(instant: string): number {
  return /^\d+$/.test(instant) ? Number(BigInt(instant) / 1_000_000n) : Date.parse(instant);
}

/** `31 Jan 2026, 08:00:00` in the zone that people chose. */
export function formatTime(
  instant: string | number | null,
  zone: TimeZone,
  seconds = true,
): string {
  if (instant === null) return unknown;
  const millis = typeof instant === 'number' ? instant : toMillis(instant);
  if (Number.isNaN(millis)) return unknown;
  return clockOf(zone, seconds).format(millis);
}

/** `31 Jan 2026`, of days that are cut in UTC. */
export function formatDay(millis: number): string {
  return dayClock.format(millis);
}

const dayClock = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Kept, since to make one takes longer than to draw a row of a table. */
function clockOf(zone: TimeZone, seconds: boolean): Intl.DateTimeFormat {
  const key = `${zone} ${seconds}`;
  let clock = clocks.get(key);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-GB', {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      ...(seconds ? { second: '2-digit' } : {}),
      ...(zone === 'utc' ? { timeZone: 'UTC' } : {}),
    });
    clocks.set(key, clock);
  }
  return clock;
}

/** `1 run`, `2 runs`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
