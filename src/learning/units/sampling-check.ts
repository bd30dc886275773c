import {
  nothingDeclared,
  type Sampling,
  type SamplingBasis,
  type SamplingDeclaration,
  type SequenceStamp,
} from '../../model/sampling';
import { fisherExact } from '../../stats';

/** What a look needs to know of how a run was kept. */
export interface SampledRun {
  readonly sampling: Sampling;
  /** `null` where the outcome is unknown. */
  readonly success: boolean | null;
}

export interface SamplingJudgement {
  /** Runs that were kept without regard to how they went. */
  isUniform(run: SampledRun): boolean;
  /** Runs that ended for this one: the inverse of its inclusion probability; 0 where others stand for it. */
  weightOf(run: SampledRun): number;
  /** Where weights were made from counts of successes and failures: which of them a run is. */
  readonly classOf: ((run: SampledRun) => number) | null;
  /** Why nothing may be learned, how that shows and what mends it; `null` where enough may be. */
  readonly refusal: string | null;
  readonly basis: SamplingBasis | 'mixed';
}

/** Uniform runs that a look needs beside runs kept for what they did. */
const leastUniform = 250;
const dependentLevel = 0.001;

/** Names that Collector users give to policies that look at nothing. */
const uniformPolicy = /probabil|uniform|random|percent|baseline|always/i;

const mend =
  "Keep a part that looks at nothing, first in the list of the Collector's tail_sampling policies:\n" +
  '    - { name: uniform, type: probabilistic, probabilistic: { sampling_percentage: 10 } }\n' +
  '    - { name: failures, type: status_code, status_code: { status_codes: [ERROR] } }';

/**
 * Which runs tests may use (LEARNING 3, "Sampling"): those kept by a threshold drawn beforehand, by a
 * declared rate, by a policy that looks at nothing, or counted without a difference between successes
 * and failures; what nobody said anything about is taken as unsampled. Estimates use all, weighted.
 */
export function judgeSampling(
  runs: readonly SampledRun[],
  declared: SamplingDeclaration = nothingDeclared,
): SamplingJudgement {
  const counts = countRuns(runs);
  const counted = describeCounted(counts);
  const order = orderOfPolicies(declared);
  const isUniform = ({ sampling: { basis, policy } }: SampledRun): boolean => {
    if (basis === 'policy') return order.isUniform(policy ?? '');
    if (basis === 'counted') return counted === null;
    return true;
  };
  const bases = new Set(runs.map(({ sampling: { basis } }) => basisOf(basis, declared)));
  const [only] = bases;
  const basis =
    bases.size === 1 && only !== undefined ? only : bases.size === 0 ? 'assumed' : 'mixed';
  const uniform = runs.filter(isUniform).length;
  const reason = counted ?? policyReason(runs.filter((run) => !isUniform(run)));
  const refused = uniform < runs.length && uniform < leastUniform;
  return {
    isUniform,
    weightOf(run) {
      const { basis: said, probability, policy } = run.sampling;
      if (said === 'counted') return countedWeight(counts, counted !== null, run);
      if (said === 'policy') return order.weightOf(policy ?? '');
      return 1 / ((said === 'assumed' ? declared.rate : probability) ?? 1);
    },
    classOf: counted !== null && basis === 'counted' ? (run) => Number(hasFailed(run)) : null,
    basis,
    refusal: refused ? `${reason} ${mend}` : null,
  };
}

function basisOf(basis: SamplingBasis, { rate }: SamplingDeclaration): SamplingBasis {
  return basis === 'assumed' && rate !== null ? 'declared' : basis;
}

interface PolicyOrder {
  isUniform(name: string): boolean;
  weightOf(name: string): number;
}

/**
 * A run carries the name of the first policy that kept it. So those before the first that looks at nothing are
 * there one for one: what they left out had its chance later. That one's runs stand for 1/p each, and for all that
 * came after it. It is a fair sample of all runs only where none that looks stands before it.
 */
function orderOfPolicies({ policies }: SamplingDeclaration): PolicyOrder {
  const first = policies.findIndex(({ probability }) => probability !== null);
  const named = (name: string): boolean => uniformPolicy.test(name);
  if (policies.length === 0) {
    return { isUniform: named, weightOf: (name) => (named(name) ? 1 : 0) };
  }
  const placeOf = new Map(policies.map(({ name }, i) => [name, i] as const));
  return {
    isUniform: (name) => first === 0 && placeOf.get(name) === 0,
    weightOf(name) {
      const place = placeOf.get(name);
      if (place === undefined || first < 0 || place > first) return 0;
      return place < first ? 1 : 1 / (policies[first]?.probability ?? 1);
    },
  };
}

function policyReason(kept: readonly SampledRun[]): string {
  const names = [...new Set(kept.map(({ sampling }) => sampling.policy ?? 'without a name'))];
  return (
    `${kept.length} runs were kept by policies that look at how a run went, or after one that does (${names.sort().join(', ')}, from tailsampling.policy): ` +
    'what they show of success is what the policy chose, so nothing is learned.'
  );
}

/** What one process says in its stamps, between the first and the last of its runs that are here. */
interface CountedProcess {
  first: SequenceStamp;
  last: SequenceStamp;
  firstFailed: boolean;
  successes: number;
  failures: number;
}

/**
 * The stamps of a process say how many roots ended between its first and its last run that are here, and how: what is
 * missing there was dropped. Before and after lies what was removed by age, or is still to come. How a run ended is
 * what the process saw, since judgements come later than samplers decide.
 */
function countProcesses(runs: readonly SampledRun[]): CountedProcess[] {
  const processes = new Map<string, CountedProcess>();
  for (const run of runs) {
    const { sampling } = run;
    const stamp = sampling.basis === 'counted' ? sampling.sequence : null;
    if (stamp === null) continue;
    const failed = hasFailed(run);
    const known = processes.get(stamp.process);
    const process = known ?? {
      ...{ first: stamp, last: stamp, firstFailed: failed, successes: 0, failures: 0 },
    };
    if (known === undefined) processes.set(stamp.process, process);
    if (stamp.number < process.first.number) {
      process.first = stamp;
      process.firstFailed = failed;
    }
    if (stamp.number > process.last.number) process.last = stamp;
    if (failed) process.failures += 1;
    else process.successes += 1;
  }
  return [...processes.values()];
}

function hasFailed({ sampling, success }: SampledRun): boolean {
  return sampling.sequence?.failed ?? success === false;
}

interface Counts {
  readonly successes: number;
  readonly failures: number;
}

interface KeptAndEnded {
  readonly kept: Counts;
  readonly ended: Counts;
}

function countRuns(runs: readonly SampledRun[]): KeptAndEnded {
  const kept = { successes: 0, failures: 0 };
  const ended = { successes: 0, failures: 0 };
  for (const { first, last, firstFailed, successes, failures } of countProcesses(runs)) {
    kept.successes += successes;
    kept.failures += failures;
    ended.successes += last.successes - first.successes + (firstFailed ? 0 : 1);
    ended.failures += last.failures - first.failures + (firstFailed ? 1 : 0);
  }
  return { kept, ended };
}

/** How many of its kind ended for each that is here; of all kinds where keeping did not depend on it. */
function countedWeight({ kept, ended }: KeptAndEnded, depends: boolean, run: SampledRun): number {
  const kind = hasFailed(run) ? 'failures' : 'successes';
  const total = (counts: Counts): number =>
    depends ? counts[kind] : counts.successes + counts.failures;
  return Math.max(1, total(ended) / Math.max(1, total(kept)));
}

function describeCounted({ kept, ended }: KeptAndEnded): string | null {
  const dropped = {
    successes: Math.max(0, ended.successes - kept.successes),
    failures: Math.max(0, ended.failures - kept.failures),
  };
  if (dropped.successes + dropped.failures === 0) return null;
  const { pValue } = fisherExact({
    a: kept.successes,
    b: dropped.successes,
    c: kept.failures,
    d: dropped.failures,
  });
  if (pValue >= dependentLevel) return null;
  return (
    `Of ${ended.successes} runs that succeeded ${kept.successes} are here, of ${ended.failures} that failed ${kept.failures} ` +
    '(counted by evolution.seq.*): runs were kept because of how they went, so nothing is learned from them.'
  );
}
