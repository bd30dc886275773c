import { onlineEBenjaminiHochberg, taroneBar } from '../../stats';
import { groupByList, qValuesByList } from './finding-lists';
import type { Member } from './member';
import { mergeFindings, type MergedFinding } from './merge-findings';
import { randomisedLogE } from './randomised-evidence';
import type { Registry } from './registry';
import type { Workbench } from '../comparison/workbench';

/** What a look says of one member. */
export interface Verdict {
  readonly status: 'candidate' | 'unadjusted' | 'observed' | 'confirmed';
  readonly qValue: number;
  /** Natural logarithm; `null` for what was not randomised. */
  readonly logE: number | null;
  /** Why it is not more than it is. */
  readonly reason: string | null;
  /** The finding it belongs to. */
  readonly finding: MergedFinding | null;
}

export interface FamilyVerdicts {
  readonly verdicts: ReadonlyMap<Member, Verdict>;
  /** Promoted, the head of each a pattern. */
  readonly findings: readonly MergedFinding[];
  /** Behaviours on tasks that never repeat: a list apart. */
  readonly unadjusted: readonly MergedFinding[];
  /** Members of the promoted family, what has an objection included; and of the one apart. */
  readonly familySize: number;
  readonly apartSize: number;
}

/** Corrections and merging of one look, after the tests and objections (LEARNING 4 c 2). */
export function judgeFamily(
  members: readonly Member[],
  registry: Registry,
  look: { readonly number: number; readonly alpha: number; readonly lifetimeAlpha: number },
  bench: Workbench,
): FamilyVerdicts {
  const isTestable = testableAt(look.alpha, members);
  const family = members.filter((member) => !member.unadjusted && isTestable(member));
  const apart = members.filter((member) => member.unadjusted && isTestable(member));
  const proven = provenByBetting(family, registry, look, bench);
  const isOpen = ({ id, objection }: Member): boolean =>
    objection === null && registry.get(id)?.demoted !== true;
  const main = discoverAndMerge(family, look.alpha, proven.confirmed, isOpen, bench);
  const beside = discoverAndMerge(apart, look.alpha, new Set(), isOpen, bench);
  const verdicts = new Map<Member, Verdict>();
  const judge = (part: Discoveries, promoted: 'observed' | 'unadjusted'): void => {
    for (const [member, qValue] of part.qValues) {
      const finding = findingOf(member, part.findings);
      const isHead = finding?.head === member;
      const isConfirmed =
        proven.confirmed.has(member) || registry.get(member.id)?.confirmed === true;
      const risen = isConfirmed ? 'confirmed' : promoted;
      verdicts.set(member, {
        status: isHead ? risen : 'candidate',
        qValue,
        logE: proven.logE.get(member) ?? null,
        reason: isHead ? null : whyNot(member, qValue, look.alpha, part),
        finding: finding ?? null,
      });
    }
  };
  for (const member of members) {
    if (isTestable(member)) continue;
    const reason = `no outcome of these runs could be significant: at best p ${member.attainableP.toPrecision(2)}`;
    verdicts.set(member, { status: 'candidate', qValue: 1, logE: null, reason, finding: null });
  }
  judge(main, 'observed');
  judge(beside, 'unadjusted');
  return {
    verdicts,
    findings: main.findings,
    unadjusted: beside.findings,
    familySize: family.length,
    apartSize: apart.length,
  };
}

/**
 * Tarone (1990): what could not reach the bar whatever its outcomes is no member of the family, which it would make
 * larger for nothing. What has an objection stays in it. The margins alone decide, so the correction of the rest holds.
 */
function testableAt(alpha: number, members: readonly Member[]): (member: Member) => boolean {
  const barOf = (unadjusted: boolean): number => {
    const own = members.filter((member) => member.unadjusted === unadjusted);
    const open = own.filter(({ objection }) => objection === null);
    const minimal = open.map(({ attainableP }) => attainableP);
    return taroneBar(minimal, alpha, own.length - open.length);
  };
  const bars = { promoted: barOf(false), apart: barOf(true) };
  return ({ objection, attainableP, unadjusted }) =>
    objection !== null || attainableP <= (unadjusted ? bars.apart : bars.promoted);
}

interface Discoveries {
  readonly qValues: ReadonlyMap<Member, number>;
  readonly findings: readonly MergedFinding[];
  /** Differences of their own that are no findings: too weak beside the heads, or among heads alone. */
  readonly fallen: readonly MergedFinding[];
}

function findingOf(member: Member, findings: readonly MergedFinding[]): MergedFinding | undefined {
  return findings.find(({ head, also }) => head === member || also.includes(member));
}

function discoverAndMerge(
  members: readonly Member[],
  alpha: number,
  proven: ReadonlySet<Member>,
  isOpen: (member: Member) => boolean,
  bench: Workbench,
): Discoveries {
  const qValues = qValuesByList(members);
  const claims = members.filter(
    (member) => isOpen(member) && ((qValues.get(member) ?? 1) <= alpha || proven.has(member)),
  );
  const dimensions = new Set(claims.map(({ column }) => column));
  const merged = [...dimensions].map((column) =>
    mergeFindings(
      claims.filter((claim) => claim.column === column),
      bench,
    ),
  );
  const { findings, fallen } = promoteHeads(
    merged.flatMap((each) => each.findings),
    members.length,
    alpha,
    proven,
  );
  return { qValues, findings, fallen: [...fallen, ...merged.flatMap(({ alone }) => alone)] };
}

/**
 * Benjamini-Hochberg once more over the heads of each list alone, the size of the family as before. What falls stood
 * beside the other heads, so it is not listed under one of them.
 */
function promoteHeads(
  merged: readonly MergedFinding[],
  familySize: number,
  alpha: number,
  proven: ReadonlySet<Member>,
): Omit<Discoveries, 'qValues'> {
  const ordered = [...merged].sort((a, b) => a.head.pValue - b.head.pValue);
  const passing = new Set(
    groupByList(ordered, ({ head }) => head).flatMap((list) => {
      const reaches = ({ head }: MergedFinding, i: number): boolean =>
        head.pValue <= (alpha * (i + 1)) / familySize;
      return list.slice(0, list.findLastIndex(reaches) + 1);
    }),
  );
  const isPromoted = (finding: MergedFinding): boolean =>
    passing.has(finding) || proven.has(finding.head);
  return {
    findings: ordered.filter(isPromoted),
    fallen: ordered.filter((finding) => !isPromoted(finding)),
  };
}

function whyNot(
  member: Member,
  qValue: number,
  alpha: number,
  { findings, fallen }: Discoveries,
): string {
  const { objection, pValue } = member;
  if (objection !== null) return objection;
  const textOf = ({ head }: MergedFinding): string => head.candidate.predicate.text;
  const finding = findingOf(member, findings);
  if (finding !== undefined) return `says the same as ${textOf(finding)}`;
  const alone = findingOf(member, fallen);
  if (alone?.head === member) {
    return `passes among all tests, but not among findings: p ${pValue.toPrecision(2)}`;
  }
  if (alone !== undefined) return `goes with ${textOf(alone)}, not a finding at this look`;
  if (qValue <= alpha) return 'demoted earlier';
  return `q ${qValue.toPrecision(2)} is above this look's ${alpha.toPrecision(2)}`;
}

/** Randomised knobs rise by their e-values: weights by arrival, a batch of one look shares its weight. */
function provenByBetting(
  family: readonly Member[],
  registry: Registry,
  { number, lifetimeAlpha }: { readonly number: number; readonly lifetimeAlpha: number },
  bench: Workbench,
): { readonly confirmed: ReadonlySet<Member>; readonly logE: ReadonlyMap<Member, number> } {
  const randomised = family.filter(
    ({ comparison, column }) => comparison.rule === 'randomised' && column.guard === undefined,
  );
  const arrival = ({ id }: Member): number => registry.get(id)?.firstLook ?? number;
  const batches = new Map<number, number>();
  for (const member of randomised) {
    batches.set(arrival(member), (batches.get(arrival(member)) ?? 0) + 1);
  }
  const logE = new Map(
    randomised.map((member) => [member, randomisedLogE(member, bench)] as const),
  );
  const rejected = onlineEBenjaminiHochberg(
    randomised.map((member) => ({
      logE: member.objection === null ? (logE.get(member) ?? 0) : 0,
      weight: 6 / (Math.PI * arrival(member)) ** 2 / (batches.get(arrival(member)) ?? 1),
    })),
    lifetimeAlpha,
  );
  return { confirmed: new Set(randomised.filter((_, i) => rejected[i] === true)), logE };
}
