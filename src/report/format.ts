import type { Interval } from '../model/interval';
import { formatInstant } from '../wire';

/** `1,234`; unknown is a dash, never 0. */
export function count(value: number | null): string {
  return value === null ? '–' : value.toLocaleString('en-US');
}

export function percent(value: number | null, digits = 0): string {
  return value === null ? '–' : `${(100 * value).toFixed(digits)} %`;
}

export function percentInterval({ lower, upper }: Interval): string {
  return `${(100 * lower).toFixed(0)} to ${(100 * upper).toFixed(0)} %`;
}

/** A difference in percentage points, with its sign. */
export function points(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)}`;
}

export function pointsInterval({ lower, upper }: Interval): string {
  return `${points(lower)} to ${points(upper)}`;
}

export function probability(value: number | null): string {
  if (value === null) return '–';
  if (value >= 0.001) return value.toFixed(3);
  return value === 0 ? '0' : value.toExponential(0).replace('e-', 'e−');
}

export function duration(millis: number | null): string {
  if (millis === null) return '–';
  if (millis < 1000) return `${millis.toFixed(millis < 10 ? 1 : 0)} ms`;
  if (millis < 120_000) return `${(millis / 1000).toFixed(1)} s`;
  return millis < 7_200_000
    ? `${(millis / 60_000).toFixed(1)} min`
    : `${(millis / 3_600_000).toFixed(1)} h`;
}

export function dollars(value: number | null): string {
  return value === null ? '–' : `$${value.toFixed(value < 1 ? 4 : 2)}`;
}

/** `2026-01-31 08:00:00` in UTC. */
export function instant(unixNano: bigint | null): string {
  return unixNano === null ? '–' : formatInstant(unixNano).slice(0, 19).replace('T', ' ');
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
