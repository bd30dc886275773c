import type { Interval } from '../../model/interval';
import {
  chiSquare2x2,
  cmhTest,
  fisherExact,
  mergeMoments,
  requiredSampleSizeTwoProportions,
  type Moments,
  type MomentsStratum,
  type RiskDifference,
  type Table2x2,
} from '../../stats';
import { cmhIsAsymptotic, exactCmhPValue } from './exact-cmh';
import { meanScoreTest } from './mean-score-test';

/**
 * Outcomes with and without a feature, per stratum. `binary`: counts (a, b = success and failure with
 * the feature; c, d = without). `continuous`: moments of the values.
 */
export type ConfidenceSample =
  | { readonly outcome: 'binary'; readonly strata: readonly Table2x2[] }
  | { readonly outcome: 'continuous'; readonly strata: readonly MomentsStratum[] };

export interface ConfidenceScore {
  readonly test:
    'adjusted_score' | 'cmh' | 'cmh_exact' | 'chi_square' | 'fisher' | 'mean_score' | 'none';
  readonly statistic: number | null;
  readonly df: number | null;
  /** 1 where there is not enough evidence to test; `reason` says why. */
  readonly pValue: number;
  /** With minus without the feature, within strata; `null` where it cannot be estimated. */
  readonly effect: {
    readonly measure: 'adjusted_difference' | 'risk_difference_mh' | 'mean_difference';
    readonly estimate: number;
    readonly standardError: number;
  } | null;
  readonly interval: Interval | null;
  /** Level of the interval. */
  readonly level: number;
  /** Mantel-Haenszel, of a binary outcome. */
  readonly oddsRatio: number | null;
  readonly nWith: number;
  readonly nWithout: number;
  readonly strata: { readonly used: number; readonly informative: number };
  /** Units that an adjusted test rests on, as if all had the same weight; `null` for other tests. */
  readonly nEffective: number | null;
  readonly reason: string | null;
}

export interface ConfidenceScorerOptions {
  /** Least units on each side. @defaultValue 20 */
  readonly minSupport?: number;
  /** Level of the interval, above 0 and below 1. @defaultValue .95 */
  readonly level?: number;
}

/**
 * The fixed-look test that people read (LEARNING 4 c 1). Binary outcome: Cochran-Mantel-Haenszel over
 * strata, by its exact conditional distribution where the normal one does not hold yet; with a single
 * stratum chi-square, or Fisher when an expected count is below 5. Continuous: the mean-score
 * Mantel-Haenszel test, which is the CMH test for outcomes of any value.
 *
 * Not stratified Welch: its inverse-variance weights follow the means of outcomes bounded by 0 and 1.
 * On null data it rejects at .001 some 16 times too often with arms of 25, 6 times with arms of 100,
 * and a look over strata of 25 runs claimed .63 falsely.
 */
export class ConfidenceScorer {
  readonly #minSupport: number;
  readonly #level: number;

  constructor({ minSupport = 20, level = 0.95 }: ConfidenceScorerOptions = {}) {
    this.#minSupport = minSupport;
    this.#level = level;
  }

  score(sample: ConfidenceSample): ConfidenceScore {
    const sides = countSides(sample);
    const score =
      sample.outcome === 'binary'
        ? scoreBinary(sample.strata, this.#level)
        : scoreContinuous(sample.strata, this.#level);
    const reason = this.#whyNotTestable(sample, sides, score.strata.informative);
    if (reason === null) return { ...score, ...sides, nEffective: null, reason };
    return {
      ...score,
      ...sides,
      nEffective: null,
      test: 'none',
      statistic: null,
      df: null,
      pValue: 1,
      reason,
    };
  }

  #whyNotTestable(
    sample: ConfidenceSample,
    { nWith, nWithout }: Sides,
    informative: number,
  ): string | null {
    const smaller = Math.min(nWith, nWithout);
    if (smaller < this.#minSupport) {
      const more = runsNeeded(sample, { nWith, nWithout }, this.#minSupport);
      return `not enough evidence: ${nWith} runs with, ${nWithout} without; need about ${more} more`;
    }
    return informative === 0 ? 'no stratum has runs with and without it and both outcomes' : null;
  }
}

interface Sides {
  readonly nWith: number;
  readonly nWithout: number;
}

type Tested = Omit<ConfidenceScore, 'nWith' | 'nWithout' | 'nEffective' | 'reason'>;

function countSides(sample: ConfidenceSample): Sides {
  let nWith = 0;
  let nWithout = 0;
  if (sample.outcome === 'binary') {
    for (const { a, b, c, d } of sample.strata) {
      nWith += a + b;
      nWithout += c + d;
    }
  } else {
    for (const { withFeature, without } of sample.strata) {
      nWith += withFeature.n;
      nWithout += without.n;
    }
  }
  return { nWith, nWithout };
}

function scoreBinary(strata: readonly Table2x2[], level: number): Tested {
  const cmh = cmhTest(strata, { continuity: false, level });
  const common = {
    level,
    oddsRatio: cmh.oddsRatio,
    strata: { used: cmh.strata, informative: cmh.informativeStrata },
    ...riskDifferenceEffect(cmh.riskDifference),
  };
  const [table] = strata;
  if (cmh.pValue === null) {
    return { test: 'none', statistic: null, df: null, pValue: 1, ...common };
  }
  if (strata.length === 1 && table !== undefined) return { ...testSingleTable(table), ...common };
  if (!cmhIsAsymptotic(strata)) {
    const pValue = exactCmhPValue(strata);
    return { test: 'cmh_exact', statistic: null, df: null, pValue, ...common };
  }
  const { statistic, df, pValue } = cmh;
  return { test: 'cmh', statistic, df, pValue, ...common };
}

function riskDifferenceEffect(
  difference: RiskDifference | null,
): Pick<ConfidenceScore, 'effect' | 'interval'> {
  if (difference === null) return { effect: null, interval: null };
  const { estimate, standardError, interval } = difference;
  return { effect: { measure: 'risk_difference_mh', estimate, standardError }, interval };
}

const leastExpected = 5;

function testSingleTable(
  table: Table2x2,
): Pick<ConfidenceScore, 'test' | 'statistic' | 'df' | 'pValue'> {
  const { a, b, c, d } = table;
  const n = a + b + c + d;
  const expected = (Math.min(a + b, c + d) * Math.min(a + c, b + d)) / n;
  if (expected < leastExpected) {
    return { test: 'fisher', statistic: null, df: null, pValue: fisherExact(table).pValue };
  }
  const { statistic, df, pValue } = chiSquare2x2(table, { continuity: false });
  return { test: 'chi_square', statistic, df, pValue };
}

function scoreContinuous(strata: readonly MomentsStratum[], level: number): Tested {
  const { estimate, standardError, statistic, df, pValue, interval, informativeStrata } =
    meanScoreTest(strata, level);
  return {
    test: pValue === null ? 'none' : 'mean_score',
    statistic,
    df,
    pValue: pValue ?? 1,
    effect: estimate === null ? null : { measure: 'mean_difference', estimate, standardError },
    interval,
    level,
    oddsRatio: null,
    strata: { used: strata.length, informative: informativeStrata },
  };
}

const plannedAlpha = 0.001;
const plannedPower = 0.8;

/** Further runs at the present mix until each side can be tested and the difference seen is found. */
function runsNeeded(sample: ConfidenceSample, { nWith, nWithout }: Sides, least: number): number {
  const n = nWith + nWithout;
  const smaller = Math.min(nWith, nWithout);
  const perArm = Math.max(least, armSizeFor(sample));
  const total = smaller === 0 ? 2 * perArm : Math.ceil((perArm * n) / smaller);
  return Math.max(1, total - n);
}

function armSizeFor(sample: ConfidenceSample): number {
  const { withFeature, without } = successShares(sample);
  if (withFeature === null || without === null || withFeature === without) return 0;
  return requiredSampleSizeTwoProportions(withFeature, without, plannedAlpha, plannedPower);
}

/** Means lie in 0..1; a 0/1 outcome of that mean varies most, so the number errs to the safe side. */
function successShares(sample: ConfidenceSample): {
  readonly withFeature: number | null;
  readonly without: number | null;
} {
  if (sample.outcome === 'continuous') {
    const meanOf = (side: 'withFeature' | 'without'): number | null => {
      const moments = sample.strata.map((stratum) => stratum[side]).reduce(addMoments, null);
      return moments === null || moments.n === 0 ? null : Math.min(1, Math.max(0, moments.mean));
    };
    return { withFeature: meanOf('withFeature'), without: meanOf('without') };
  }
  const sum = (cell: 'a' | 'b' | 'c' | 'd'): number =>
    sample.strata.reduce((total, table) => total + table[cell], 0);
  const share = (successes: number, failures: number): number | null =>
    successes + failures === 0 ? null : successes / (successes + failures);
  return { withFeature: share(sum('a'), sum('b')), without: share(sum('c'), sum('d')) };
}

function addMoments(total: Moments | null, next: Moments): Moments {
  return total === null ? next : mergeMoments(total, next);
}
