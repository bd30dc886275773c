import type { PredicateTerm } from '../../model/pattern';
import { phiCoefficient } from '../../stats';
import { bitsetOf, countBits, countCommonBits, difference, type Bitset } from '../units/bitset';
import type { Candidate } from './candidate';
import { pairKey } from '../features/feature-set';
import { makeConjunctions } from './conjunctions';
import { makeInteractions } from './interactions';
import { requiredSupport, type LearningSettings } from '../units/learning-settings';
import { makePredicate, predicateKind } from '../features/predicate';
import { binnedNumbers, frequentLevels } from './quantised-terms';
import { fixedStrata } from '../units/stratum-keys';
import type { UnitTable } from '../units/unit-table';

/** Tools that `never_after` pairs, the commonest: pairs grow with their square. */
const mostPairedTools = 40;

/** Above this the two say the same. */
const aliasPhi = 0.95;

export interface CandidateOptions {
  /** Keep one representative of equal or nearly equal sets. @defaultValue true */
  readonly mergeAliases?: boolean;
}

/** All candidates of a set of units, by support alone, in a fixed order. */
export function generateCandidates(
  table: UnitTable,
  settings: LearningSettings,
  { mergeAliases = true }: CandidateOptions = {},
): readonly Candidate[] {
  const single = bestSupported(singleTerms(table, settings), table.units.length, settings);
  single.sort(byPreference);
  const kept = mergeAliases ? mergeNearEqual(single, table.units.length) : single;
  const { made, restating } = makeConjunctions(kept, table.units.length, settings);
  const all = [...kept, ...makeInteractions(kept, table, settings), ...made];
  return all.map((candidate) => withNames(candidate, restating.get(candidate.predicate.text)));
}

/** Conjunctions that are named as aliases; the others are counted. */
const namedConjunctions = 5;

function withNames(candidate: Candidate, conjunctions: readonly string[] = []): Candidate {
  if (conjunctions.length === 0) return candidate;
  return {
    ...candidate,
    aliases: [...candidate.aliases, ...conjunctions.slice(0, namedConjunctions)],
    moreAliases: Math.max(0, conjunctions.length - namedConjunctions),
  };
}

/** As many as a look may test; those that split the runs most evenly. */
function bestSupported(
  candidates: readonly Candidate[],
  size: number,
  { maxCandidates }: LearningSettings,
): Candidate[] {
  if (candidates.length <= maxCandidates) return [...candidates];
  const smaller = ({ support }: Candidate): number => Math.min(support, size - support);
  return [...candidates]
    .sort((a, b) => smaller(b) - smaller(a) || (a.predicate.text < b.predicate.text ? -1 : 1))
    .slice(0, maxCandidates);
}

function singleTerms(table: UnitTable, settings: LearningSettings): Candidate[] {
  const size = table.units.length;
  const least = requiredSupport(size, settings);
  const candidates: Candidate[] = [];
  const keep = (term: PredicateTerm, bits: Bitset): void => {
    const support = countBits(bits);
    if (support >= least && size - support >= least) {
      candidates.push(singleCandidate(term, bits, support, table));
    }
  };
  const keepPositions = (term: PredicateTerm, positions: readonly number[]): void => {
    if (positions.length >= least) keep(term, bitsetOf(positions, size));
  };
  for (const { of, positions } of table.present.values()) keepPositions(of, positions);
  for (const levels of table.levels.values()) {
    for (const { of, positions } of frequentLevels(levels, settings)) keepPositions(of, positions);
  }
  for (const numbers of table.numbers.values()) {
    for (const { of, positions } of binnedNumbers(numbers, settings)) keepPositions(of, positions);
  }
  for (const { term, bits } of neverAfter(table, least)) keep(term, bits);
  return candidates;
}

/** `never_after:A,B`: A was called and no B came after the first A. */
function* neverAfter(
  table: UnitTable,
  least: number,
): Generator<{ readonly term: PredicateTerm; readonly bits: Bitset }> {
  const size = table.units.length;
  const tools = [...table.present.values()]
    .filter(
      ({ of, positions }) => of.kind === 'tool' && of.op === 'present' && positions.length >= least,
    )
    .sort((a, b) => b.positions.length - a.positions.length || (a.of.key < b.of.key ? -1 : 1))
    .slice(0, mostPairedTools);
  for (const a of tools) {
    const withA = bitsetOf(a.positions, size);
    for (const b of tools) {
      if (a === b) continue;
      const pair = [a.of.key, b.of.key] as const;
      const followed = table.follows.get(pairKey(...pair))?.positions ?? [];
      const bits = difference(withA, bitsetOf(followed, size));
      yield {
        term: { kind: 'never_after', key: pair.join(','), op: 'present', value: pair },
        bits,
      };
    }
  }
}

/** Totals, how a run ended, and calls without which it cannot go on. */
const mayFollow: ReadonlySet<string> = new Set([
  'last',
  'num',
  'never_after',
  'any_model_error',
  'model_errors',
]);

function singleCandidate(
  term: PredicateTerm,
  bits: Bitset,
  support: number,
  table: UnitTable,
): Candidate {
  const terms = [term];
  return {
    predicate: makePredicate(terms),
    kind: predicateKind(terms),
    bits,
    within: null,
    contextText: '',
    parent: null,
    support,
    aliases: [],
    moreAliases: 0,
    preTreatment: ['config', 'attr', 'agent'].includes(term.kind),
    controllable: term.kind === 'config',
    outcomeProximal: mayFollow.has(term.kind),
    outcomeTriggered: term.kind === 'retry_after_error',
    notStratifiedBy: fixedStrata(term, bits, table),
  };
}

/** What a person can act on first, then the simpler text. */
const kindOrder: readonly string[] = [
  'config',
  'agent',
  'attr',
  'model',
  'tag',
  'retry_after_error',
  'tool',
  'no_tool_calls',
  'any_tool_error',
  'any_model_error',
  'error',
  'tool>=2',
  'tool>=3',
];

function byPreference(a: Candidate, b: Candidate): number {
  const rank = (candidate: Candidate): number => {
    if (candidate.predicate.text.startsWith('attr:task.type=')) return -1;
    const index = kindOrder.indexOf(candidate.kind);
    return index === -1 ? kindOrder.length : index;
  };
  const x = a.predicate.text;
  const y = b.predicate.text;
  return rank(a) - rank(b) || x.length - y.length || (x < y ? -1 : 1);
}

function mergeNearEqual(candidates: readonly Candidate[], size: number): Candidate[] {
  const kept: { readonly candidate: Candidate; readonly aliases: Candidate[] }[] = [];
  for (const candidate of candidates) {
    const same = kept.find((other) => isNearEqual(candidate, other.candidate, size));
    if (same === undefined) kept.push({ candidate, aliases: [] });
    else same.aliases.push(candidate);
  }
  return kept.map(({ candidate, aliases }) => ({
    ...candidate,
    aliases: aliases.map(({ predicate }) => predicate.text),
    notStratifiedBy: [
      ...new Set([candidate, ...aliases].flatMap(({ notStratifiedBy }) => notStratifiedBy)),
    ].sort(),
  }));
}

function isNearEqual(x: Candidate, y: Candidate, size: number): boolean {
  const low = Math.min(x.support, y.support);
  const high = Math.max(x.support, y.support);
  // The largest phi that these supports allow, before any bit is counted.
  if (low * (size - high) <= aliasPhi * aliasPhi * high * (size - low)) return false;
  const a = countCommonBits(x.bits, y.bits);
  const [b, c] = [x.support - a, y.support - a];
  return (phiCoefficient({ a, b, c, d: size - a - b - c }) ?? 0) > aliasPhi;
}
