/**
 * Where the inclusion probability of an execution is known from (LEARNING 3, "Sampling"). `threshold`: the trace
 * state's `ot=th`; `policy`: the tail sampler's policy; `declared`: the configuration; `counted`: our
 * processor's sequence stamps; `assumed`: nothing was said, and the run is taken as unsampled.
 */
export type SamplingBasis = 'threshold' | 'policy' | 'declared' | 'counted' | 'assumed';

/** What is stamped on the root of each execution when it ends (`evolution.seq.*`), so that gaps show drops. */
export interface SequenceStamp {
  /** Random id of the process, or of its thread, hex. */
  readonly process: string;
  /** Roots that had ended in this process, this one included: from 1. */
  readonly number: number;
  /** Of these, those that ended as a success and as a failure. */
  readonly successes: number;
  readonly failures: number;
  /** How this root ended, as the process saw it; `null` where it does not say. */
  readonly failed: boolean | null;
}

/** With what probability a run was kept, and how that is known. */
export interface Sampling {
  readonly basis: SamplingBasis;
  /** (0, 1]; `null` where it is unknown, as for a policy whose rate nobody declared. */
  readonly probability: number | null;
  /** Name of the tail sampler's policy that kept the run. */
  readonly policy: string | null;
  readonly sequence: SequenceStamp | null;
}

export const assumedUnsampled: Sampling = {
  basis: 'assumed',
  probability: 1,
  policy: null,
  sequence: null,
};

/** What somebody who knows the pipeline says of how runs came to be kept; runs that say so themselves need none. */
export interface SamplingDeclaration {
  /** Share of all runs that was kept without a look at them, (0, 1]; `null`: nobody knows. */
  readonly rate: number | null;
  /** The tail sampler's policies, in the order of its list. */
  readonly policies: readonly DeclaredPolicy[];
}

export interface DeclaredPolicy {
  /** As in `tailsampling.policy`. */
  readonly name: string;
  /** Share that it keeps without a look at a run, (0, 1]; `null` for a policy that looks at how the run went. */
  readonly probability: number | null;
}

export const nothingDeclared: SamplingDeclaration = { rate: null, policies: [] };

/**
 * The same as people write it: `none`, all runs were kept; a share from above 0 to 1, drawn without a look at them; or
 * the Collector's tail_sampling policies in its order, a probability with each that looks at nothing.
 */
export type SamplingOption =
  | 'none'
  | number
  | {
      readonly rate?: number | null;
      readonly policies?: readonly {
        readonly name: string;
        readonly probability?: number | null;
      }[];
    }
  | null;
