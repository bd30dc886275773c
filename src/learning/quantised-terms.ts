import type { AttributeValue } from '../model/attributes';
import type { PredicateTerm } from '../model/pattern';
import type { LearningSettings } from './learning-settings';
import type { LevelTable, NumberTable, Posting } from './feature-tables';

/** Stands for all levels beyond the most frequent ones. */
export const otherLevel = '(other)';

/** An attribute with fewer runs a value than five names the run or its task. */
const maxDistinctShare = 0.2;

/** A numeric knob with more distinct values than this is cut into bins as well. */
const maxNumericLevels = 5;

/** `KEY=VALUE` of the most frequent levels and of the rest together; nothing for an identifier. */
export function frequentLevels(
  { kind, key, values }: LevelTable,
  settings: LearningSettings,
): Posting<PredicateTerm>[] {
  const levels = [...values].filter(([, { positions }]) => positions.length > 0);
  const carriers = levels.reduce((sum, [, { positions }]) => sum + positions.length, 0);
  if (levels.length > maxDistinctShare * carriers) return [];
  levels.sort(([x, a], [y, b]) => b.positions.length - a.positions.length || (x < y ? -1 : 1));
  const term = (value: AttributeValue): PredicateTerm => ({ kind, key, op: '=', value });
  const frequent = levels
    .slice(0, settings.maxLevels)
    .map(([, { of, positions }]) => ({ of: term(of), positions }));
  const rest = levels.slice(settings.maxLevels).flatMap(([, { positions }]) => positions);
  if (rest.length > 0) frequent.push({ of: term(otherLevel), positions: rest });
  return frequent;
}

/**
 * `KEY in [a,b)`: quantile bins with edges from the first units in canonical order, each edge a value
 * that occurred, the outer bins open. A knob with few values is not binned.
 */
export function binnedNumbers(
  { kind, key, values }: NumberTable,
  settings: LearningSettings,
): Posting<PredicateTerm>[] {
  if (kind === 'config' && new Set(values.map(({ value }) => value)).size <= maxNumericLevels) {
    return [];
  }
  const edges = quantileEdges(
    values.filter(({ position }) => position < settings.binUnits).map(({ value }) => value),
    settings.bins,
  );
  if (edges.length === 0) return [];
  const bounds = [null, ...edges, null];
  return bounds.slice(1).map((to, i) => {
    const from = bounds[i] ?? null;
    const inside = values.filter(
      ({ value }) => (from === null || value >= from) && (to === null || value < to),
    );
    const term: PredicateTerm = { kind, key, op: 'in', value: [from, to] };
    return { of: term, positions: inside.map(({ position }) => position) };
  });
}

/** Inner edges: ascending, distinct, above the smallest value. */
function quantileEdges(values: readonly number[], bins: number): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const edges = new Set<number>();
  for (let i = 1; i < bins; i += 1) {
    const edge = sorted[Math.floor((sorted.length * i) / bins)];
    if (edge !== undefined && edge > (sorted[0] ?? edge)) edges.add(edge);
  }
  return [...edges].sort((a, b) => a - b);
}
