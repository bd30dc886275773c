/** `.742` → `74 %`; unknown → `–`. */
export function percent(value: number | null, digits = 0): string {
  return value === null ? '–' : `${(value * 100).toFixed(digits)} %`;
}

/** A difference with its sign in percentage points: `+23.1`. */
export function points(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value * 100).toFixed(1)}`;
}

/** A p or q value as papers print it. */
export function probability(value: number | null): string {
  if (value === null) return '–';
  if (value >= 0.001) return value.toFixed(3);
  return value === 0 ? '0' : value.toExponential(0).replace('e-', 'e−');
}

export function count(value: number | null): string {
  return value === null ? '–' : value.toLocaleString('en-US');
}

/** `1 run`, `1,065 runs`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

export function milliseconds(value: number | null): string {
  if (value === null) return '–';
  if (value < 1000) return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
  return value < 60_000 ? `${(value / 1000).toFixed(1)} s` : `${(value / 60_000).toFixed(1)} min`;
}

export function dollars(value: number | null): string {
  return value === null ? '–' : `$${value.toFixed(value < 1 ? 4 : 2)}`;
}
