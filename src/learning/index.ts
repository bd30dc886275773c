export { auditCandidates } from './audit-candidates';
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
export { predicateText } from './predicate';
export { collectUnits, type Unit, type UnitTable } from './unit-table';
