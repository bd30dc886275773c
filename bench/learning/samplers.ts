import type { ClosedExecution } from '../../src/model/learning';
import {
  assumedUnsampled,
  nothingDeclared,
  type Sampling,
  type SamplingDeclaration,
} from '../../src/model/sampling';
import { draws } from './streams';

/** How a sampler keeps runs. */
export interface Keeping {
  /** Whether a policy that looks at the run keeps it. */
  readonly chooses: (run: ClosedExecution) => boolean;
  /** Share kept without a look at it. */
  readonly uniform: number;
  readonly policy: string;
}

const failed = ({ outcome }: ClosedExecution): boolean => (outcome['reward'] ?? 0) < 0.5;
export const policies: Readonly<Record<string, Keeping>> = {
  all: { chooses: () => false, uniform: 1, policy: 'always' },
  head: { chooses: () => false, uniform: 0.25, policy: 'probabilistic' },
  'failures or error spans': {
    chooses: (run) => failed(run) || run.tags.includes('f2'),
    uniform: 0.1,
    policy: 'errors',
  },
  'failures or slow': {
    chooses: (run) => failed(run) || run.tags.includes('f4'),
    uniform: 0.1,
    policy: 'slow-or-failed',
  },
  failures: { chooses: failed, uniform: 0.1, policy: 'failures' },
};

export type Said =
  'counted' | 'policy' | 'policy, uniform last' | 'threshold' | 'declared' | 'nothing';
export const sayings: readonly Said[] = ['counted', 'policy', 'policy, uniform last', 'nothing'];
export const ways: Readonly<Record<string, readonly Said[]>> = {
  all: ['counted', 'policy', 'nothing'],
  head: ['threshold', 'declared', 'counted', 'policy'],
};

/** What somebody who knows the pipeline says of it. */
export function declarationOf({ uniform, policy }: Keeping, said: Said): SamplingDeclaration {
  const byChance = { name: 'probabilistic', probability: uniform };
  const policies =
    policy === byChance.name ? [byChance] : [byChance, { name: policy, probability: null }];
  switch (said) {
    case 'policy':
      return { rate: null, policies };
    case 'policy, uniform last':
      return { rate: null, policies: policies.toReversed() };
    case 'declared':
      return { rate: uniform, policies: [] };
    default:
      return nothingDeclared;
  }
}

/** What reaches the store: kept runs with what is said of it, a tenth of them twice. */
export function send(
  runs: readonly ClosedExecution[],
  { chooses, uniform, policy }: Keeping,
  said: Said,
  seed: string,
): ClosedExecution[] {
  const { uniform: draw } = draws(seed);
  let [successes, failures] = [0, 0];
  const kept: ClosedExecution[] = [];
  runs.forEach((run, i) => {
    const hasFailed = failed(run);
    if (hasFailed) failures += 1;
    else successes += 1;
    const byChance = draw() < uniform;
    // The Collector loses a twentieth of all on its way, whatever they are.
    const lost = draw() < 0.05;
    if (lost || !(byChance || chooses(run))) return;
    const isPolicy = said.startsWith('policy');
    const basis = isPolicy
      ? 'policy'
      : said === 'counted' || said === 'threshold'
        ? said
        : 'assumed';
    const isByChance = said === 'policy' ? byChance : byChance && !chooses(run);
    const sampling: Sampling = {
      ...assumedUnsampled,
      basis,
      probability: basis === 'threshold' ? uniform : isPolicy ? null : 1,
      policy: isPolicy ? (isByChance ? 'probabilistic' : policy) : null,
      sequence:
        said === 'counted'
          ? { process: 'p', number: i + 1, successes, failures, failed: hasFailed }
          : null,
    };
    kept.push({ ...run, sampling });
    if (draw() < 0.1) kept.push({ ...run, sampling });
  });
  return kept;
}
