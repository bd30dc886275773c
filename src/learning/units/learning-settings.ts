import { ConfigError } from '../../errors';
import { nothingDeclared, type SamplingDeclaration } from '../../model/sampling';

/** Every choice that the learner's tests rest on; written into the ledger with each look. */
export interface LearningSettings {
  /**
   * Outcome dimensions, the primary one first. `present`: all that the runs have, at most twelve,
   * `reward` first, else the commonest. The family of a look is candidates × dimensions, so declare
   * what you mean to act on. `status` is a dimension too: 1 for `completed`, 0 for `failed` and
   * `timed_out`.
   * @defaultValue `present`
   */
  readonly dimensions: readonly string[] | 'present';
  /**
   * What several runs of one task are where nobody said so: found out, fixed in advance, or retries.
   * @defaultValue `detect`
   */
  readonly attempts: 'detect' | 'fixed' | 'retries';
  /** How runs came to be kept, where they do not say so. @defaultValue nothing is known */
  readonly sampling: SamplingDeclaration;
  /** An outcome counts as success from here on, 0..1. @defaultValue .5 */
  readonly successThreshold: number;
  /** Error rate over all looks together, above 0 and below 1. @defaultValue .05 */
  readonly alpha: number;
  /** Least units with, and least without, a candidate's feature. From 2. @defaultValue 20 */
  readonly minSupport: number;
  /** The same as a share of all units, 0 to below .5. @defaultValue .02 */
  readonly minSupportShare: number;
  /** Levels of an attribute or knob that become candidates; the rest is `(other)`. From 2. @defaultValue 20 */
  readonly maxLevels: number;
  /** Quantile bins of a number. From 2. @defaultValue 4 */
  readonly bins: number;
  /** Units, in canonical order, that the edges of the bins are taken from. @defaultValue 250 */
  readonly binUnits: number;
  /** Units of one epoch, from 10: what changes faster is not held fixed. @defaultValue 50 */
  readonly epochUnits: number;
  /**
   * What makes runs cheaper or faster is an optimization if the primary outcome is not worse by this much, above 0.
   * @defaultValue .05
   */
  readonly optimizationMargin: number;
  /** Conjunctions of two or three behaviours, those that split the runs most evenly. @defaultValue 20 */
  readonly maxConjunctions: number;
  /** Candidates of one condition, those that split the runs most evenly. @defaultValue 2000 */
  readonly maxCandidates: number;
  /**
   * Executions that are learned from, the latest, from 1,000: some 1.2 KB of memory each. What is older stays in the
   * store, in patterns and in the ledger. @defaultValue 100000
   */
  readonly maxExecutions: number;
  /** Knob × context candidates, best supported first. 0 switches them off. @defaultValue 2000 */
  readonly maxInteractions: number;
}

const defaultLearningSettings: LearningSettings = {
  dimensions: 'present',
  attempts: 'detect',
  sampling: nothingDeclared,
  successThreshold: 0.5,
  alpha: 0.05,
  minSupport: 20,
  minSupportShare: 0.02,
  maxLevels: 20,
  bins: 4,
  binUnits: 250,
  epochUnits: 50,
  optimizationMargin: 0.05,
  maxConjunctions: 20,
  maxCandidates: 2000,
  maxExecutions: 100_000,
  maxInteractions: 2000,
};

/**
 * Settings with the defaults filled in.
 *
 * @throws ConfigError when a value is out of its range
 */
export function resolveLearningSettings(options: Partial<LearningSettings> = {}): LearningSettings {
  const settings = { ...defaultLearningSettings, ...options };
  if (settings.dimensions.length === 0) {
    throw new ConfigError('learning.dimensions is empty; name at least one outcome dimension.');
  }
  if (
    settings.dimensions !== 'present' &&
    new Set(settings.dimensions).size !== settings.dimensions.length
  ) {
    throw new ConfigError('learning.dimensions names a dimension twice; name each once.');
  }
  requireRange('successThreshold', settings.successThreshold, 0, 1);
  requireRange('alpha', settings.alpha, 1e-12, 1 - 1e-12);
  requireRange('minSupportShare', settings.minSupportShare, 0, 0.499);
  requireInteger('minSupport', settings.minSupport, 2);
  requireInteger('maxLevels', settings.maxLevels, 2);
  requireInteger('bins', settings.bins, 2);
  requireInteger('binUnits', settings.binUnits, 2);
  requireInteger('epochUnits', settings.epochUnits, 10);
  requireRange('optimizationMargin', settings.optimizationMargin, 1e-6, 1);
  requireInteger('maxConjunctions', settings.maxConjunctions, 0);
  requireInteger('maxCandidates', settings.maxCandidates, 1);
  requireInteger('maxExecutions', settings.maxExecutions, 1_000);
  requireInteger('maxInteractions', settings.maxInteractions, 0);
  return settings;
}

/** Least units on each side that a candidate needs among `units` units. */
export function requiredSupport(units: number, settings: LearningSettings): number {
  return Math.max(settings.minSupport, Math.ceil(settings.minSupportShare * units));
}

function requireRange(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high)) {
    throw new ConfigError(`learning.${name} must be from ${low} to ${high}, got ${value}.`);
  }
}

function requireInteger(name: string, value: number, low: number): void {
  if (!Number.isInteger(value) || value < low) {
    throw new ConfigError(`learning.${name} must be an integer from ${low}, got ${value}.`);
  }
}
