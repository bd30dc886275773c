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
export {
  contextFromEnvironment,
  createSpanTracker,
  environmentFromContext,
} from './instrumentation';
export { ConfidenceScorer, createPatternLearner } from './learning';
export { createExperiments, decide, drawVariant } from './experiments';
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

// Every type that a signature above names: a test walks them.
export type { AdaptationEngineOptions, FeedbackLoopOptions, FeedbackStep } from './adaptation';
export type { EvolutionErrorCode } from './errors';
export type { DecisionRulesInput, Experiments, ExperimentsOptions } from './experiments';
export type {
  AgentInput,
  BackgroundWork,
  Evaluation,
  EvolutionTrackingOptions,
  ExecutionContext,
  ExecutionInput,
  LinkDetails,
  OutcomeListener,
  PriorRuns,
  Propagate,
  RewardInput,
  RewardTargetInput,
  SendCarrier,
  SpanContextHolder,
  SpanHandle,
  SpanIdResolver,
  SpanTarget,
  SpanTracker,
  SpanTrackerOptions,
  StartSpanOptions,
  TaskContext,
  TaskInput,
  TrackEvolutionDecorator,
  TrackingOptions,
  WorkOutcome,
} from './instrumentation';
export type {
  ConfidenceSample,
  ConfidenceScore,
  ConfidenceScorerOptions,
  LearningSettings,
  LearnOptions,
  PatternLearner,
  PatternLearnerOptions,
} from './learning';
export type {
  Adaptation,
  AdaptationContext,
  AdaptationKind,
  AdaptationOutcome,
  AdaptationStatus,
  AppliedAdaptation,
  ConfigurationDifference,
  ConfigurationVersion,
  Lever,
  Resolution,
  ResolveContext,
} from './model/adaptation';
export type { Applicability, ApplicationContext, ContextCell } from './model/applicability';
export type { Attributes, AttributeValue, TaggedValue } from './model/attributes';
export type { Configuration, ConfigurationOptions, RetentionLimit } from './model/configuration';
export type { Difference, Differences, DifferencesQuery } from './model/differences';
export type { MarkRequest } from './model/evolution';
export type {
  ArmEvidence,
  Assignment,
  AssignmentAnswer,
  Decision,
  DecisionRules,
  Experiment,
  EffectPoint,
  ExperimentAnalysis,
  ExperimentDecision,
  ExperimentInput,
  ExperimentStatus,
  ExperimentUnit,
  ExperimentVariant,
  Guardrail,
  GuardrailEvidence,
  GuardrailInput,
  GuardrailReading,
  MetricChoice,
  MetricKind,
  Observation,
  PairedAnalysis,
  VariantAnalysis,
} from './model/experiment';
export type { Interval } from './model/interval';
export type {
  AuditKey,
  AuditShare,
  CandidatesQuery,
  CandidatesView,
  DroppedCandidate,
  LearnSummary,
  LeftOut,
  MarginalFinding,
  OpenQuestion,
  OutcomeEstimate,
  Review,
  ReviewQuery,
  SelfAudit,
} from './model/learned';
export type { ClosedExecution, ExecutionStep } from './model/learning';
export type { Operation, OperationReader } from './model/operation';
export type {
  ArmSummary,
  CandidateEvidence,
  EffectElsewhere,
  FindingLevel,
  FindingMark,
  LedgerEntry,
  LeftOutSetting,
  LifeState,
  Look,
  Pattern,
  PatternContext,
  SettingRange,
  PatternEffect,
  PatternExplanation,
  PatternFinding,
  PatternFlags,
  PatternLife,
  PatternSampling,
  PatternStatus,
  PatternType,
  Predicate,
  PredicateTerm,
  Strata,
  TestResult,
  UnitPosition,
} from './model/pattern';
export type {
  Clock,
  EvolutionStore,
  ExecutionChange,
  IngestBatch,
  IngestResult,
  LinkBook,
  MigrationStatus,
  NewExecution,
  NewTask,
  Refusal,
  RewardBook,
  SpanReader,
  SpanSink,
  StatsReader,
  TaskBook,
  TaskChange,
  WriteBatch,
} from './model/ports';
export type {
  Actor,
  AdaptationBook,
  AdaptationDesk,
  ConfigurationBook,
  ConfigurationDesk,
  EvidenceEntry,
  EvidencePage,
  ProposeResult,
  ReplayedStep,
} from './model/ports-adaptation';
export type {
  AuditEntry,
  ExperimentBook,
  ExperimentDesk,
  ExperimentFilter,
} from './model/ports-experiments';
export type {
  CloseOptions,
  ClosingDesk,
  Cut,
  ExecutionReader,
  ExposureReader,
  ExposureSubject,
  FrozenPage,
  LearningFeed,
  LearningMemory,
  OutcomeChange,
  OutcomePage,
  PatternBook,
} from './model/ports-learning';
export type {
  AgentVersion,
  DatabaseSize,
  HourlyFigures,
  HourlyQuery,
  JobState,
  LatencyFigures,
  LatencyQuery,
  Reclaimed,
  Redaction,
  Reinterpreted,
  ReinterpretOptions,
  Removal,
  RemovalQuery,
  RetentionState,
  Upkeep,
  VersionQuery,
  WorkLease,
} from './model/ports-upkeep';
export type { ModelPrice, PriceTable } from './model/price';
export type {
  EvolutionStats,
  Page,
  PageRequest,
  PatternFilter,
  PatternQuery,
  RecordFilter,
  RewardQuery,
  SpanQuery,
  StatsQuery,
  StoreTotals,
  ToolStats,
  TraceSummary,
} from './model/query';
export type {
  AttributeMatch,
  Link,
  LinkClaim,
  LinkTarget,
  Reward,
  RewardClaim,
  RewardSource,
  RewardTarget,
} from './model/reward';
export type {
  DeclaredPolicy,
  Sampling,
  SamplingBasis,
  SamplingDeclaration,
  SamplingOption,
  SequenceStamp,
} from './model/sampling';
export type { ExternalLink } from './model/service-desk';
export type {
  AgentIdentity,
  Exposure,
  InterpretedSpan,
  LogRecord,
  RedactionHook,
  Resource,
  Scope as InstrumentationScope,
  Span,
  SpanAddress,
  SpanEvent,
  SpanKind,
  SpanLink,
  SpanMeaning,
  SpanRecord,
  SpanRole,
  SpanSkeleton,
  StatusCode,
} from './model/span';
export type { SqliteDriverName } from './model/sqlite-driver';
export type { Status } from './model/status';
export type { Execution, ExecutionFlag, OutcomeSummary, Task } from './model/task';
export type { StoredToken, TokenBook, TokenScope } from './model/token';
export type { TradeoffArm, Tradeoffs, TradeoffsQuery } from './model/tradeoffs';
export type { Alternative, Divergence, SiblingBasis, WhyReport } from './model/why';
export type {
  Evolution,
  EvolutionApi,
  EvolutionApiOptions,
  EvolutionExporterOptions,
  EvolutionLearner,
  EvolutionSpanProcessorOptions,
  EvolutionTarget,
  ExportResult,
  Feedback,
  ReadableEvent,
  ReadableLink,
  ReadableResource,
  ReadableScope,
  ReadableSpan,
  RecordingStore,
  ReportSelection,
  ServedParts,
  SpanCounts,
  SpanExporterOptions,
  SpanQueueOptions,
  SpanQueueStats,
  StartedSpan,
  WrittenReport,
} from './runtime';
export type { Moments, MomentsStratum, Table2x2 } from './stats';
