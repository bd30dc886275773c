export type { Candidate } from './candidate';
export { generateCandidates } from './candidates';
export {
  ConfidenceScorer,
  type ConfidenceSample,
  type ConfidenceScore,
  type ConfidenceScorerOptions,
} from './confidence-scorer';
export type { FeatureSet } from './feature-set';
export { extractFeatures } from './features';
export { resolveLearningSettings, type LearningSettings } from './learning-settings';
export { createPatternLearner } from './create-pattern-learner';
export type { LearnOptions, PatternLearner, PatternLearnerOptions } from './pattern-learner';
export { collectUnits } from './unit-collector';
export type { Unit, UnitTable } from './unit-table';
export type {
  AuditKey,
  CandidatesQuery,
  CandidatesView,
  LearnSummary,
  Review,
  ReviewQuery,
  SelfAudit,
} from '../model/learned';
export { explainRun, type WhySource } from './why';
export { findDifferences } from './differences';
export { findTradeoffs } from './tradeoffs';
export {
  effectsByContext,
  effectsOfAgent,
  isApplicable,
  type ApplicabilityOptions,
} from './applicability';
