export type { Candidate } from './candidates/candidate';
export { generateCandidates } from './candidates/candidates';
export {
  ConfidenceScorer,
  type ConfidenceSample,
  type ConfidenceScore,
  type ConfidenceScorerOptions,
} from './comparison/confidence-scorer';
export type { FeatureSet } from './features/feature-set';
export { extractFeatures } from './features/features';
export { resolveLearningSettings, type LearningSettings } from './units/learning-settings';
export { createPatternLearner } from './create-pattern-learner';
export type { LearnOptions, PatternLearner, PatternLearnerOptions } from './pattern-learner';
export { collectUnits } from './units/unit-collector';
export type { Unit, UnitTable } from './units/unit-table';
export type {
  AuditKey,
  CandidatesQuery,
  CandidatesView,
  LearnSummary,
  Review,
  ReviewQuery,
  SelfAudit,
} from '../model/learned';
export { explainRun, type WhySource } from './questions/why';
export { findDifferences } from './questions/differences';
export { findTradeoffs } from './questions/tradeoffs';
export {
  effectsByContext,
  effectsOfAgent,
  isApplicable,
  type ApplicabilityOptions,
} from './questions/applicability';
