export type { AdaptationEngineOptions, FeedbackLoopOptions, FeedbackStep } from './adaptation';
export type { Actor, ProposeResult } from './model/ports-adaptation';
export {
  AdaptationEngine,
  compareConfigurations,
  configurationVersion,
  FeedbackLoop,
} from './adaptation';
export {
  ConfigError,
  EvolutionError,
  InputError,
  NotFoundError,
  StoreUnavailableError,
  TransitionError,
} from './errors';
export type { EvolutionErrorCode } from './errors';
export type {
  AgentInput,
  EvolutionTrackingOptions,
  ExecutionContext,
  ExecutionInput,
  RewardInput,
  SpanHandle,
  SpanTarget,
  SpanTracker,
  SpanTrackerOptions,
  StartSpanOptions,
  TaskContext,
  TaskInput,
  TrackEvolutionDecorator,
  TrackingOptions,
} from './instrumentation';
export {
  contextFromEnvironment,
  createSpanTracker,
  environmentFromContext,
} from './instrumentation';
export type {
  ConfidenceSample,
  ConfidenceScore,
  LearningSettings,
  PatternLearner,
} from './learning';
export { ConfidenceScorer, createPatternLearner } from './learning';
export type { DecisionRulesInput, Experiments } from './experiments';
export type { ExperimentInput } from './model/experiment';
export { createExperiments, decide, drawVariant } from './experiments';
export type {
  Adaptation,
  AdaptationStatus,
  AppliedAdaptation,
  ConfigurationVersion,
  Lever,
  Resolution,
  ResolveContext,
} from './model/adaptation';
export type { Attributes, AttributeValue } from './model/attributes';
export type {
  CandidatesQuery,
  CandidatesView,
  LearnSummary,
  Review,
  SelfAudit,
} from './model/learned';
export type { Applicability, ApplicationContext } from './model/applicability';
export type { Difference, Differences, DifferencesQuery } from './model/differences';
export type { CandidateEvidence, Look, Pattern } from './model/pattern';
export type {
  Assignment,
  AssignmentAnswer,
  Decision,
  Experiment,
  ExperimentAnalysis,
  Observation,
} from './model/experiment';
export type { AdaptationBook, ConfigurationBook } from './model/ports-adaptation';
export type { AuditEntry, ExperimentBook, ExperimentFilter } from './model/ports-experiments';
export type { EvolutionStore, IngestBatch, IngestResult, SpanSink } from './model/ports';
export type {
  EvolutionStats,
  Page,
  PageRequest,
  PatternQuery,
  RecordFilter,
  RewardQuery,
  SpanQuery,
  StoreTotals,
  TraceSummary,
} from './model/query';
export type { Link, Reward, RewardClaim, RewardSource, RewardTarget } from './model/reward';
export type { RedactionHook, Span, SpanAddress, SpanRecord, SpanRole } from './model/span';
export type { Status } from './model/status';
export type { Execution, Task } from './model/task';
export type { TradeoffArm, Tradeoffs, TradeoffsQuery } from './model/tradeoffs';
export type { Alternative, Divergence, SiblingBasis, WhyReport } from './model/why';
export type {
  Evolution,
  EvolutionApi,
  EvolutionApiOptions,
  EvolutionExporterOptions,
  EvolutionLearner,
  EvolutionSpanProcessorOptions,
  RecordingStore,
  ReportSelection,
  WrittenReport,
} from './runtime';
export {
  createEvolution,
  createEvolutionAPI,
  EvolutionExporter,
  EvolutionSpanProcessor,
  generateReport,
  getGlobalTracker,
  linkReward,
  openStore,
  queryByTags,
  queryRewardsForOperation,
  TrackEvolution,
  withEvolutionTracking,
  withTags,
} from './runtime';
