import { chiSquareSf, phiCoefficient } from '../../stats';
import { countCommonBits, type Bitset } from '../units/bitset';
import type { Candidate } from '../candidates/candidate';
import type { Member } from './member';
import { predicateText } from '../features/predicate';
import type { Workbench } from '../comparison/workbench';

/** What a person reads: one head, and what else says the same. */
export interface MergedFinding {
  readonly head: Member;
  readonly also: readonly Member[];
}

const sameAs = 0.95;
const claimLevel = 0.05;
const nearlyStrongest = 0.75;

export interface Merged {
  readonly findings: readonly MergedFinding[];
  /** What the heads do not explain, and what is too weak beside them to be one. */
  readonly alone: readonly MergedFinding[];
}

/** Share of its chi-square that a claim keeps beside the heads where they do not explain it. */
const unexplained = 0.5;

/**
 * Claims of one dimension merged into findings (LEARNING 4 c 2): what names the same runs, and all
 * levels and interactions of one key, is one item under its strongest; then, until nothing is left
 * that stands beside the heads, the simplest of the strongest becomes the next head, a conjunction only
 * where it explains more than its parts; of what is left, what the heads explain is listed under the one that it
 * resembles most.
 */
export function mergeFindings(claims: readonly Member[], bench: Workbench): Merged {
  const items = gatherItems(claims, bench.table.units.length);
  const heads: Item[] = [];
  let rest = items;
  while (rest.length > 0) {
    const next = nextHead(rest, heads, claims.length, bench);
    if (next === null) break;
    heads.push(next);
    rest = rest.filter((item) => item !== next);
  }
  const beside = heads.map(({ head }) => head.candidate);
  const isAlone = ({ head }: Item): boolean =>
    statisticBeside(head, beside, bench) > unexplained * (head.score.statistic ?? 0);
  const explained = rest.filter((item) => !isAlone(item)).flatMap(membersOf);
  return {
    findings: listUnderHeads(heads, explained, bench.table.units.length),
    alone: rest.filter(isAlone).map(({ head, others }) => ({ head, also: others })),
  };
}

/** Lists members under the heads that they resemble most. */
function listUnderHeads(
  heads: readonly Item[],
  members: readonly Member[],
  units: number,
): MergedFinding[] {
  const lists = heads.map(({ others }) => [...others]);
  for (const member of members) {
    const likeness = heads.map(({ head }) =>
      Math.abs(phiOf(head.candidate, member.candidate, units)),
    );
    lists[likeness.indexOf(Math.max(...likeness))]?.push(member);
  }
  return heads.map(({ head }, i) => ({ head, also: lists[i] ?? [] }));
}

/** Claims that are one from the start, by their strongest. */
interface Item {
  readonly head: Member;
  readonly others: readonly Member[];
}

function membersOf({ head, others }: Item): Member[] {
  return [head, ...others];
}

function gatherItems(claims: readonly Member[], units: number): Item[] {
  const strongestFirst = [...claims].sort(
    (a, b) =>
      a.pValue - b.pValue || (a.candidate.predicate.text < b.candidate.predicate.text ? -1 : 1),
  );
  const groups: Member[][] = [];
  for (const claim of strongestFirst) {
    const key = keyOf(claim.candidate);
    const group = groups.find((members) =>
      members.some(
        (member) =>
          (key !== null && keyOf(member.candidate) === key) ||
          Math.abs(phiOf(member.candidate, claim.candidate, units)) > sameAs,
      ),
    );
    if (group === undefined) groups.push([claim]);
    else group.push(claim);
  }
  return groups.flatMap((members) => {
    const head = simplestName(members, units);
    return head === null ? [] : [{ head, others: members.filter((member) => member !== head) }];
  });
}

/** The strongest, by the simplest of the names that the same runs have. */
function simplestName([strongest, ...others]: readonly Member[], units: number): Member | null {
  if (strongest === undefined) return null;
  const same = others.filter(
    ({ candidate }) => Math.abs(phiOf(candidate, strongest.candidate, units)) > sameAs,
  );
  return [strongest, ...same].sort(
    (a, b) => simplicity(a.candidate) - simplicity(b.candidate) || a.pValue - b.pValue,
  )[0] as Member;
}

/** Whose level or interaction it is: a knob, an attribute, a number, the agent, or a tool in a context. */
function keyOf({ kind, predicate }: Candidate): string | null {
  const [term] = predicate.terms;
  if (term === undefined || kind === 'conjunction') return null;
  switch (term.kind) {
    case 'config':
    case 'attr':
    case 'num':
      return `${term.kind}:${term.key}`;
    case 'agent':
    case 'model':
      return term.kind;
    default:
      return predicate.terms.length > 1 || term.kind === 'tool' ? `${term.kind}:${term.key}` : null;
  }
}

function nextHead(
  items: readonly Item[],
  heads: readonly Item[],
  claims: number,
  bench: Workbench,
): Item | null {
  const beside = heads.map(({ head }) => head.candidate);
  let tested = items.map((item) => ({
    item,
    statistic: statisticBeside(item.head, beside, bench),
  }));
  for (;;) {
    const strongest = Math.max(...tested.map(({ statistic }) => statistic));
    if (heads.length > 0 && chiSquareSf(strongest, 1) >= claimLevel / claims) return null;
    const next = tested
      .filter(({ statistic }) => statistic >= nearlyStrongest * strongest)
      .sort(
        (a, b) =>
          simplicity(a.item.head.candidate) - simplicity(b.item.head.candidate) ||
          b.statistic - a.statistic,
      )[0];
    if (next === undefined) return null;
    if (explainedByParts(next.item, items, beside, bench) <= next.statistic) return next.item;
    tested = tested.filter((each) => each !== next);
  }
}

/**
 * What the claimed parts of a conjunction explain together: two causes that add up are strongest together, and would
 * be listed under their conjunction. Parts have no parts among the claims in the end, so one item always stays.
 */
function explainedByParts(
  { head }: Item,
  items: readonly Item[],
  beside: readonly Candidate[],
  bench: Workbench,
): number {
  if (head.candidate.kind !== 'conjunction') return 0;
  const whole = new Set(head.candidate.predicate.terms.map((term) => predicateText([term])));
  const parts = items.filter(({ head: { candidate } }) => {
    const { terms } = candidate.predicate;
    return terms.length < whole.size && terms.every((term) => whole.has(predicateText([term])));
  });
  const taken = [...beside];
  let explained = 0;
  for (const part of parts) {
    explained += statisticBeside(part.head, taken, bench);
    taken.push(part.head.candidate);
  }
  return explained;
}

function statisticBeside(
  { candidate, column, comparison }: Member,
  beside: readonly Candidate[],
  bench: Workbench,
): number {
  return bench.score(candidate, column, comparison, { beside }).statistic ?? 0;
}

/** The simplest kind first; a conjunction after all. */
const kindOrder: readonly string[] = [
  'config',
  'agent',
  'model',
  'attr',
  'tag',
  'tool',
  'no_tool_calls',
  'error',
  'any_tool_error',
  'tool_errors',
  'any_model_error',
  'model_errors',
  'retry_after_error',
  'loop',
  'fan_out',
  'bigram',
  'first',
  'last',
  'trigram',
  'before',
  'num',
  'never_after',
];

function simplicity({ predicate }: Candidate): number {
  const [term] = predicate.terms;
  const place = kindOrder.indexOf(term?.kind ?? '');
  const counted = term?.op === '>=' ? 0.5 : 0;
  return (predicate.terms.length - 1) * kindOrder.length + place + counted;
}

export function phiOf(x: Candidate, y: Candidate, units: number): number {
  return phiOfBits(x.bits, y.bits, x.support, y.support, units);
}

function phiOfBits(x: Bitset, y: Bitset, nx: number, ny: number, units: number): number {
  const a = countCommonBits(x, y);
  const [b, c] = [nx - a, ny - a];
  return phiCoefficient({ a, b, c, d: units - a - b - c }) ?? 0;
}
