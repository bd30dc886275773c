import type { Sampling, SamplingBasis, SequenceStamp } from '../model/sampling';
import { fisherExact } from '../stats';

/** What a look needs to know of how a run was kept. */
export interface SampledRun {
  readonly sampling: Sampling;
  /** `null` where the outcome is unknown. */
  readonly success: boolean | null;
}

export interface SamplingJudgement {
  /** Runs that were kept without regard to how they went. */
  isUniform(run: SampledRun): boolean;
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
 * and failures; what nobody said anything about is taken as unsampled.
 */
export function judgeSampling(runs: readonly SampledRun[]): SamplingJudgement {
  const counted = describeCounted(runs);
  const isUniform = ({ sampling }: SampledRun): boolean => {
    if (sampling.basis === 'policy') return uniformPolicy.test(sampling.policy ?? '');
    if (sampling.basis === 'counted') return counted === null;
    return true;
  };
  const bases = new Set(runs.map(({ sampling }) => sampling.basis));
  const [only] = bases;
  const basis =
    bases.size === 1 && only !== undefined ? only : bases.size === 0 ? 'assumed' : 'mixed';
  const uniform = runs.filter(isUniform).length;
  const reason = counted ?? policyReason(runs.filter((run) => !isUniform(run)));
  const refused = uniform < runs.length && uniform < leastUniform;
  return { isUniform, basis, refusal: refused ? `${reason} ${mend}` : null };
}

function policyReason(kept: readonly SampledRun[]): string {
  const names = [...new Set(kept.map(({ sampling }) => sampling.policy ?? 'without a name'))];
  return (
    `${kept.length} runs were kept by policies that look at how a run went (${names.sort().join(', ')}, from tailsampling.policy): ` +
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
  for (const { sampling, success } of runs) {
    const stamp = sampling.basis === 'counted' ? sampling.sequence : null;
    if (stamp === null) continue;
    const failed = stamp.failed ?? success === false;
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

function describeCounted(runs: readonly SampledRun[]): string | null {
  const kept = { successes: 0, failures: 0 };
  const ended = { successes: 0, failures: 0 };
  for (const { first, last, firstFailed, successes, failures } of countProcesses(runs)) {
    kept.successes += successes;
    kept.failures += failures;
    ended.successes += last.successes - first.successes + (firstFailed ? 0 : 1);
    ended.failures += last.failures - first.failures + (firstFailed ? 1 : 0);
  }
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
