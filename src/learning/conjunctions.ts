import { phiCoefficient } from '../stats';
import { countBits, countCommonBits, intersection } from './bitset';
import type { Candidate } from './candidate';
import { requiredSupport, type LearningSettings } from './learning-settings';
import { makePredicate } from './predicate';

/** Behaviours that conjunctions are made of: those that split the runs most evenly. */
const beamWidth = 40;
const deepest = 3;
/** What happened in a run; orders and totals are made of these already. */
const joined: ReadonlySet<string> = new Set([
  'tool',
  'tag',
  'model',
  'error',
  'any_tool_error',
  'any_model_error',
  'model_errors',
  'retry_after_error',
  'loop',
  'fan_out',
]);
const aliasPhi = 0.95;

/**
 * Two or three behaviours together, by a beam over support alone (LEARNING 4 a): closed, so that none says the same
 * runs as a part of it or as another. Settings are left to interactions, which compare within their context.
 */
export function makeConjunctions(
  candidates: readonly Candidate[],
  size: number,
  settings: LearningSettings,
): Candidate[] {
  if (settings.maxConjunctions === 0) return [];
  const least = requiredSupport(size, settings);
  const singles = best(
    candidates.filter(({ predicate }) => joined.has(predicate.terms[0]?.kind ?? '')),
    size,
    beamWidth,
  );
  const found: Candidate[] = [];
  let level: readonly Candidate[] = singles;
  for (let depth = 2; depth <= deepest; depth += 1) {
    const made = level.flatMap((whole) =>
      singles
        // Each set once: parts are added in one order.
        .filter((part) => lastTerm(whole) < part.predicate.text)
        .map((part) => join(whole, part))
        .filter(({ support }) => support >= least && size - support >= least)
        .filter((both) => !whole.bits.every((word, i) => word === both.bits[i])),
    );
    level = best(made, size, beamWidth);
    found.push(...level);
  }
  return closed(best(found, size, found.length), candidates, size).slice(
    0,
    settings.maxConjunctions,
  );
}

function lastTerm({ predicate: { terms } }: Candidate): string {
  const last = terms.at(-1);
  return last === undefined ? '' : makePredicate([last]).text;
}

function join(whole: Candidate, part: Candidate): Candidate {
  const bits = intersection(whole.bits, part.bits);
  return {
    ...whole,
    predicate: makePredicate([...whole.predicate.terms, ...part.predicate.terms]),
    kind: 'conjunction',
    bits,
    support: countBits(bits),
    aliases: [],
    outcomeProximal: whole.outcomeProximal || part.outcomeProximal,
    outcomeTriggered: whole.outcomeTriggered || part.outcomeTriggered,
    notStratifiedBy: [...new Set([...whole.notStratifiedBy, ...part.notStratifiedBy])].sort(),
  };
}

function best(candidates: readonly Candidate[], size: number, count: number): Candidate[] {
  const smaller = ({ support }: Candidate): number => Math.min(support, size - support);
  return [...candidates]
    .sort((a, b) => smaller(b) - smaller(a) || (a.predicate.text < b.predicate.text ? -1 : 1))
    .slice(0, count);
}

function closed(
  conjunctions: readonly Candidate[],
  candidates: readonly Candidate[],
  size: number,
): Candidate[] {
  const kept: Candidate[] = [];
  for (const conjunction of conjunctions) {
    const isAlias = [...candidates, ...kept].some(
      (other) => Math.abs(phiOf(conjunction, other, size)) > aliasPhi,
    );
    if (!isAlias) kept.push(conjunction);
  }
  return kept;
}

function phiOf(x: Candidate, y: Candidate, size: number): number {
  const a = countCommonBits(x.bits, y.bits);
  const [b, c] = [x.support - a, y.support - a];
  return phiCoefficient({ a, b, c, d: size - a - b - c }) ?? 0;
}
