import type { FindingLevel } from '../../model/pattern';
import { momentsOf, normalQuantile, sampleVariance, wilsonInterval } from '../../stats';
import type { Member } from '../look/member';
import { attributeText } from '../../model/attributes';
import type { UnitTable } from '../units/unit-table';

const shownLevels = 20;

/** All levels of the setting or attribute that a member tests, the most frequent first. */
export function levelsOf({ candidate, column }: Member, table: UnitTable): FindingLevel[] {
  const [term] = candidate.predicate.terms;
  if (term === undefined || (term.kind !== 'config' && term.kind !== 'attr')) return [];
  const levels = [...(table.levels.get(`${term.kind}:${term.key}`)?.values.values() ?? [])];
  return levels
    .sort((a, b) => b.positions.length - a.positions.length)
    .slice(0, shownLevels)
    .map(({ of, positions }) => {
      const values = positions
        .map((position) => column.values[position] ?? NaN)
        .filter((value) => !Number.isNaN(value));
      return { value: attributeText(of), ...describe(values, column.binary) };
    });
}

const level = 0.95;

function describe(values: readonly number[], binary: boolean): Omit<FindingLevel, 'value'> {
  const moments = momentsOf(values);
  const { n, mean } = moments;
  if (n === 0) return { n, mean: null, interval: null };
  if (binary) {
    const successes = Math.round(n * mean);
    return { n, mean, interval: wilsonInterval(successes, n, level) };
  }
  const variance = n < 2 ? null : sampleVariance(moments);
  if (variance === null) return { n, mean, interval: null };
  const half = normalQuantile(1 - (1 - level) / 2) * Math.sqrt(variance / n);
  return { n, mean, interval: { lower: mean - half, upper: mean + half } };
}
