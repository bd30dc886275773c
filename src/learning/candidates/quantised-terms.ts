import type { AttributeValue } from '../../model/attributes';
import type { PredicateTerm } from '../../model/pattern';
import type { LearningSettings } from '../units/learning-settings';
import type { LevelTable, NumberTable, Posting } from '../features/feature-tables';

/** Stands for all levels beyond the most frequent ones. */
const otherLevel = '(other)';

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
 * that occurred, the outer bins open; cut again at a doubling of the units, as further hypotheses, where the
 * numbers have left a bin. A knob with few values is not binned.
 */
export function binnedNumbers(
  { kind, key, values, first }: NumberTable,
  settings: LearningSettings,
): Posting<PredicateTerm>[] {
  if (kind === 'config' && new Set(values.map(({ value }) => value)).size <= maxNumericLevels) {
    return [];
  }
  const early = first ?? valuesWithin(values, 0, settings.binUnits);
  const edges = quantileEdges(early, settings.bins);
  const bins = new Map<string, Posting<PredicateTerm>>();
  for (const cut of [edges, edgesAtDoubling(values, edges, settings)]) {
    const bounds = cut.length === 0 ? [] : [null, ...cut, null];
    bounds.slice(1).forEach((to, i) => {
      const from = bounds[i] ?? null;
      const inside = values.filter(({ value }) => isInside(value, from, to));
      const term: PredicateTerm = { kind, key, op: 'in', value: [from, to] };
      bins.set(JSON.stringify(term.value), {
        of: term,
        positions: inside.map(({ position }) => position),
      });
    });
  }
  return [...bins.values()];
}

const isInside = (value: number, from: number | null, to: number | null): boolean =>
  (from === null || value >= from) && (to === null || value < to);

function valuesWithin(values: NumberTable['values'], from: number, to: number): number[] {
  return values
    .filter(({ position }) => position >= from && position < to)
    .map(({ value }) => value);
}

/** A bin that should hold a quarter holds less than a twentieth. */
const leftShare = 0.2;

/** Edges from the units before the last doubling, if the first edges do not divide these any more. */
function edgesAtDoubling(
  values: NumberTable['values'],
  edges: readonly number[],
  { binUnits, bins }: LearningSettings,
): number[] {
  const units = (values.at(-1)?.position ?? -1) + 1;
  const doublings = Math.floor(Math.log2(units / binUnits));
  if (edges.length === 0 || doublings < 1) return [];
  const until = binUnits * 2 ** doublings;
  const recent = valuesWithin(values, until - binUnits, until);
  if (recent.length < binUnits / 2) return [];
  const bounds = [null, ...edges, null];
  const isLeft = bounds.slice(1).some((to, i) => {
    const inside = recent.filter((value) => isInside(value, bounds[i] ?? null, to));
    return inside.length < (leftShare * recent.length) / bins;
  });
  return isLeft ? quantileEdges(recent, bins) : [];
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
