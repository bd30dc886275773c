import type { Predicate, PredicateTerm } from '../../model/pattern';
import { pairKey, type FeatureSet } from './feature-set';
import { attributeText } from '../../model/attributes';
import { predicateText } from './predicate';

/** Whether a run with these features meets every term of a predicate. */
export function matchesPredicate(features: FeatureSet, { terms }: Predicate): boolean {
  return terms.length > 0 && terms.every((term) => meets(features, term));
}

function meets(features: FeatureSet, term: PredicateTerm): boolean {
  const { kind, key, op, value } = term;
  const present = { ...term, op: 'present' as const, value: true };
  if (kind === 'never_after') return meetsNeverAfter(features, value);
  switch (op) {
    case 'present':
      return features.present.has(predicateText([term]));
    case 'absent':
      return !features.present.has(predicateText([present]));
    case '>=':
      return features.present.has(predicateText([term]));
    case '=':
      return features.levels.some(
        (level) =>
          level.kind === kind &&
          level.key === key &&
          attributeText(level.value) === attributeText(value),
      );
    case 'in':
      return features.numbers.some(
        (number) => number.kind === kind && number.key === key && isWithin(number.value, value),
      );
  }
}

/** Tool A was called, and no B after it. */
function meetsNeverAfter(features: FeatureSet, value: PredicateTerm['value']): boolean {
  const [a, b] = Array.isArray(value) ? (value as readonly unknown[]).map(String) : [];
  if (a === undefined || b === undefined) return false;
  return features.present.has(`tool:${a}`) && !features.follows.has(pairKey(a, b));
}

/** `[from, to)`; `null` is an open end. */
function isWithin(number: number, range: PredicateTerm['value']): boolean {
  if (!Array.isArray(range)) return false;
  const [from, to] = (range as readonly PredicateTerm['value'][]).map((end) =>
    end === null ? null : Number(attributeText(end)),
  );
  return (from == null || number >= from) && (to == null || number < to);
}
