export {
  candidateKinds,
  type AuditKey,
  type CandidatesQuery,
  type CandidatesView,
} from './audit-view';
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
export {
  createPatternLearner,
  type LearnOptions,
  type LearnSummary,
  type PatternLearner,
  type PatternLearnerOptions,
  type ReviewQuery,
} from './pattern-learner';
export { predicateText } from './predicate';
export type { MarginalFinding, OpenQuestion, Review } from './review';
export { collectUnits, type Unit, type UnitTable } from './unit-table';
