import type { SamplingBasis, Sampling } from '../model/sampling';
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

/** Of each process the largest stamp says how many roots ended, by outcome; what is here was kept. */
function describeCounted(runs: readonly SampledRun[]): string | null {
  const processes = new Map<string, { successes: number; failures: number }>();
  let [keptSuccesses, keptFailures] = [0, 0];
  for (const { sampling, success } of runs) {
    const stamp = sampling.basis === 'counted' ? sampling.sequence : null;
    if (stamp === null) continue;
    const known = processes.get(stamp.process) ?? { successes: 0, failures: 0 };
    processes.set(stamp.process, {
      successes: Math.max(known.successes, stamp.successes),
      failures: Math.max(known.failures, stamp.failures),
    });
    if (success === true) keptSuccesses += 1;
    if (success === false) keptFailures += 1;
  }
  const ended = { successes: 0, failures: 0 };
  for (const { successes, failures } of processes.values()) {
    ended.successes += successes;
    ended.failures += failures;
  }
  const dropped = {
    successes: Math.max(0, ended.successes - keptSuccesses),
    failures: Math.max(0, ended.failures - keptFailures),
  };
  if (dropped.successes + dropped.failures === 0) return null;
  const { pValue } = fisherExact({
    a: keptSuccesses,
    b: dropped.successes,
    c: keptFailures,
    d: dropped.failures,
  });
  if (pValue >= dependentLevel) return null;
  return (
    `Of ${ended.successes} runs that succeeded ${keptSuccesses} are here, of ${ended.failures} that failed ${keptFailures} ` +
    '(counted by evolution.seq.*): runs were kept because of how they went, so nothing is learned from them.'
  );
}
