import { phiCoefficient } from '../../stats';
import { countBits, countCommonBits, intersection } from '../units/bitset';
import type { Candidate } from './candidate';
import { requiredSupport, type LearningSettings } from '../units/learning-settings';
import { makePredicate } from '../features/predicate';

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

export interface Conjunctions {
  readonly made: readonly Candidate[];
  /** Texts of those that say the same runs, or nearly, as a candidate, by that candidate's text. */
  readonly restating: ReadonlyMap<string, readonly string[]>;
}

/**
 * Two or three behaviours together, by a beam over support alone (LEARNING 4 a): closed, so that none says the same
 * runs as a part of it or as another; one that does is a further name of that. Settings are left to interactions, which
 * compare within their context.
 */
export function makeConjunctions(
  candidates: readonly Candidate[],
  size: number,
  settings: LearningSettings,
): Conjunctions {
  if (settings.maxConjunctions === 0) return { made: [], restating: new Map() };
  const least = requiredSupport(size, settings);
  const singles = best(
    candidates.filter(({ predicate }) => joined.has(predicate.terms[0]?.kind ?? '')),
    size,
    beamWidth,
  );
  const found: Candidate[] = [];
  // By the text of a conjunction that of what it restates, which may restate another in its turn.
  const restates = new Map<string, string>();
  let level: readonly Candidate[] = singles;
  for (let depth = 2; depth <= deepest; depth += 1) {
    const made = level.flatMap((whole) =>
      singles
        // Each set once: parts are added in one order.
        .filter((part) => lastTerm(whole) < part.predicate.text)
        .map((part) => join(whole, part))
        .filter(({ support }) => support >= least && size - support >= least)
        .filter((both) => {
          const isSame = whole.bits.every((word, i) => word === both.bits[i]);
          if (isSame) restates.set(both.predicate.text, whole.predicate.text);
          return !isSame;
        }),
    );
    level = best(made, size, beamWidth);
    found.push(...level);
  }
  const kept = closed(best(found, size, found.length), candidates, size, restates);
  return { made: kept.slice(0, settings.maxConjunctions), restating: gather(restates) };
}

function gather(restates: ReadonlyMap<string, string>): Map<string, string[]> {
  const restating = new Map<string, string[]>();
  for (const [text, first] of restates) {
    let of = first;
    for (let next = restates.get(of); next !== undefined; next = restates.get(of)) of = next;
    const texts = restating.get(of) ?? [];
    restating.set(of, texts);
    texts.push(text);
  }
  // The simplest first.
  for (const texts of restating.values()) {
    texts.sort((x, y) => x.length - y.length || (x < y ? -1 : 1));
  }
  return restating;
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
    moreAliases: 0,
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
  restates: Map<string, string>,
): Candidate[] {
  const kept: Candidate[] = [];
  for (const conjunction of conjunctions) {
    const same = [...candidates, ...kept].find(
      (other) => Math.abs(phiOf(conjunction, other, size)) > aliasPhi,
    );
    if (same === undefined) kept.push(conjunction);
    else restates.set(conjunction.predicate.text, same.predicate.text);
  }
  return kept;
}

function phiOf(x: Candidate, y: Candidate, size: number): number {
  const a = countCommonBits(x.bits, y.bits);
  const [b, c] = [x.support - a, y.support - a];
  return phiCoefficient({ a, b, c, d: size - a - b - c }) ?? 0;
}
