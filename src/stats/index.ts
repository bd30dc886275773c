export { AssignmentEvidence } from './assignment-evidence';
export {
  adjustedScoreTest,
  type AdjustedScoreTest,
  type TaskVariance,
} from './adjusted-score-test';
export { createAdjustment, type Adjustment, type AdjustmentDesign } from './adjustment';
export {
  asymptoticConfidenceSequence,
  type SequentialEstimate,
} from './asymptotic-confidence-sequence';
export { benjaminiHochberg, benjaminiHochbergRejections } from './benjamini-hochberg';
export { betaQuantile } from './beta';
export {
  bernoulliConfidenceInterval,
  betaBinomialLogMixture,
  betaBinomialMixtureBound,
  type BetaBinomialOptions,
} from './beta-binomial-mixture';
export { binomialLogProbability, binomialLowerTail, binomialUpperTail } from './binomial';
export { breslowDay, type BreslowDay } from './breslow-day';
export { chiSquareLogSf, chiSquareSf } from './chi-square';
export { chiSquare2x2, type ChiSquare2x2 } from './chi-square-2x2';
export { cmhTest, type CmhTest, type CmhUndefined } from './cmh-test';
export { derSimonianLaird, type PooledEffect, type RandomEffects } from './der-simonian-laird';
export { fisherExact, type FisherExact } from './fisher-exact';
export { HarmWatch } from './harm-watch';
export type { Interval } from '../model/interval';
export { logBeta, logGamma } from './log-gamma';
export { LogHistogram } from './log-histogram';
export { mantelHaenszelOddsRatio } from './mantel-haenszel-odds-ratio';
export { type RiskDifference } from './mantel-haenszel-risk-difference';
export { mcnemarExact } from './mcnemar-exact';
export {
  addValue,
  emptyMoments,
  mergeMoments,
  momentsFromSums,
  momentsOf,
  sampleVariance,
  type Moments,
} from './moments';
export { normalLogSf, normalQuantile, normalSf } from './normal';
export {
  normalLogMixture,
  normalMixtureBound,
  normalMixtureRho,
  type NormalMixtureOptions,
} from './normal-mixture';
export { phiCoefficient } from './phi-coefficient';
export { bestArm, betaPosterior, type Posterior } from './posterior';
export { invertPositiveDefinite } from './positive-definite';
export { clopperPearson, scoreInterval, wilsonInterval } from './proportion-interval';
export { logRegularizedBeta, regularizedBeta } from './regularized-beta';
export { regularizedGammaP, regularizedGammaQ } from './regularized-gamma';
export { relativeLift } from './relative-lift';
export { requiredSampleSizeTwoProportions } from './required-sample-size';
export { sampleRatioEValue, type SampleRatioEvidence } from './sample-ratio-e-value';
export { SampleRatioProcess } from './sample-ratio-process';
export { seededRandom } from './seeded-random';
export {
  simultaneousDifferences,
  type ArmMeans,
  type SimultaneousDifferences,
} from './simultaneous-differences';
export { fnv1a32, stickyHash } from './sticky-hash';
export {
  stratifiedWelch,
  type MomentsStratum,
  type StratifiedWelch,
  type StratifiedWelchUndefined,
  type StratumWeights,
} from './stratified-welch';
export { studentTLogSf, studentTQuantile, studentTSf, studentTTwoSided } from './student-t';
export { isInformative, marginsOf, type Margins, type Table2x2 } from './table-2x2';
export { tInference, welchTest, type WelchTest } from './welch-test';
export {
  addBlock,
  emptyLogE,
  logEValue,
  onlineEBenjaminiHochberg,
  type LogETilts,
} from './blocked-e-process';
export { weightedMean, type WeightedMean } from './weighted-mean';
export {
  exchangeableValues,
  minimalAttainableP,
  taroneBar,
  type ExchangeableValues,
} from './minimal-attainable-p';
