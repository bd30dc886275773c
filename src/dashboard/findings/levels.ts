import type { PatternJson } from '../../wire';

/** One value of what a finding is about, and how the runs with it went. */
export interface Level {
  readonly name: string;
  readonly n: number;
  readonly mean: number | null;
  readonly interval: readonly [number, number] | null;
  /** What the finding says. */
  readonly own: boolean;
}

export function levelsOf({ finding, support, predicate }: PatternJson): readonly Level[] {
  if (finding !== null && finding.levels.length > 1) {
    const [term] = predicate.terms;
    return finding.levels.map(({ value, ...rest }) => {
      const name = typeof value === 'string' ? value : JSON.stringify(value);
      return { ...rest, name, own: JSON.stringify(term?.value) === JSON.stringify(value) };
    });
  }
  return [
    { name: 'with it', ...support.with, interval: null, own: true },
    { name: 'without it', ...support.without, interval: null, own: false },
  ];
}

/** Where the axis of outcomes ends: at 1, or above the most that is spent. */
export function outcomeEnd({ effect }: PatternJson, levels: readonly Level[]): number {
  const ends = levels.flatMap(({ mean, interval }) => [mean ?? 0, interval?.[1] ?? 0]);
  return effect.measure === 'relative_change' ? 1.1 * Math.max(...ends) || 1 : 1;
}
