export type { AdaptationJson, AuditEntryJson } from './adaptation';
export {
  adaptationHistorySchema,
  replaySchema,
  replayToWire,
  adaptationListSchema,
  adaptationSchema,
  adaptationStatuses,
  adaptationSwitchSchema,
  adaptationToWire,
  auditEntrySchema,
  auditEntryToWire,
} from './adaptation';
export type { AgentVersionsJson } from './agent-version';
export { agentVersionsSchema, agentVersionsToWire } from './agent-version';
export type { ApplicabilityJson } from './applicability';
export { applicabilitySchema, applicabilityToWire } from './applicability';
export type {
  ConfigurationComparisonJson,
  ConfigurationVersionJson,
} from './configuration-version';
export {
  configurationComparisonSchema,
  configurationComparisonToWire,
  configurationInputSchema,
  configurationPageSchema,
  configurationVersionSchema,
  configurationVersionToWire,
} from './configuration-version';
export type { DifferencesJson } from './differences';
export { differencesSchema, differencesToWire } from './differences';
export type { EventJson } from './event';
export { eventSchema } from './event';
export type {
  CandidateJson,
  CandidatesJson,
  LearnSummaryJson,
  LedgerEntryJson,
  LookJson,
} from './evidence';
export {
  auditKeys,
  candidatesSchema,
  candidatesToWire,
  ledgerEntrySchema,
  ledgerEntryToWire,
  ledgerPageSchema,
  learnSummarySchema,
  learnSummaryToWire,
  lookSchema,
  looksSchema,
  lookToWire,
} from './evidence';
export type { ExecutionJson } from './execution';
export { executionPageSchema, executionSchema, executionToWire } from './execution';
export type { ExperimentAnalysisJson, RegressionCheckJson } from './experiment';
export {
  experimentAnalysisSchema,
  experimentAnalysisToWire,
  regressionCheckSchema,
  regressionCheckToWire,
} from './experiment';
export type { AssignmentJson, ExperimentJson } from './experiment-record';
export {
  assignmentSchema,
  assignmentToWire,
  auditListSchema,
  experimentListSchema,
  experimentSchema,
  experimentStatuses,
  experimentToWire,
} from './experiment-record';
export type { IngestedJson } from './ingested';
export { ingestedSchema } from './ingested';
export { formatInstant, parseInstant } from './instant';
export {
  experimentFromWire,
  experimentInputSchema,
  reasonedStepInputSchema,
  stepInputSchema,
  switchInputSchema,
  unitInputSchema,
} from './intervention-input';
export type { LinkJson } from './link';
export { linkPageSchema, linkSchema, linkToWire } from './link';
export type { DiagnosisJson, ImportReportJson, MigrationStatusJson } from './operations';
export {
  diagnosisSchema,
  diagnosisToWire,
  importReportToWire,
  migrationStatusToWire,
} from './operations';
export type { PageJson } from './page';
export { pageToWire } from './page';
export { longestMillis, parseFilter, parsePatternFilter } from './parse-filter';
export type { PatternJson, PatternPageJson, PredicateJson } from './pattern';
export {
  markSchema,
  patternPageSchema,
  patternPageToWire,
  patternSchema,
  patternStatuses,
  patternToWire,
  patternTypes,
} from './pattern';
export type { Json, PlainAttributes } from './plain-value';
export { toPlainAttributes, toPlainValue } from './plain-value';
export type { Problem } from './problem';
export { problem, problemSchema, toProblem } from './problem';
export type { RewardJson, RewardTargetJson } from './reward';
export { rewardPageSchema, rewardSchema, rewardToWire } from './reward';
export { roles, statuses } from './scalars';
export type { SelfAuditJson } from './self-audit';
export { selfAuditSchema, selfAuditToWire } from './self-audit';
export type { ExplanationJson } from './explanation';
export { explanationSchema, explanationToWire } from './explanation';
export type { ExternalLinksJson, HealthJson } from './health';
export { externalLinksSchema, healthSchema, healthToWire } from './health';
export type { PatternStrataJson, ReviewJson } from './review';
export { patternStrataSchema, patternStrataToWire, reviewSchema, reviewToWire } from './review';
export type { SeriesJson, SeriesPointJson } from './series';
export { bucketSchema, groupKeys, seriesSchema } from './series';
export { operationsSchema, operationsToWire, servicesSchema } from './service';
export type { SpanJson, SpanSkeletonJson } from './span';
export { spanPageSchema, spanSchema, spanToWire } from './span';
export type { AgentStatsJson, StatsJson } from './stats';
export { agentStatsSchema, agentStatsToWire, statsSchema, statsToWire } from './stats';
export type { TaskDetailJson, TaskJson } from './task';
export { taskDetailSchema, taskDetailToWire, taskPageSchema, taskSchema, taskToWire } from './task';
export type { TaskMetricsJson } from './task-metrics';
export { taskMetricsSchema } from './task-metrics';
export type { TraceJson, TracePart, TraceSpanJson, TraceSummaryJson } from './trace';
export {
  tracePageSchema,
  traceParts,
  traceSchema,
  traceSummarySchema,
  traceSummaryToWire,
  traceSkeletonToWire,
  traceToWire,
} from './trace';
export type { IssuedTokenJson, TokenJson } from './token';
export { issuedTokenSchema, scopes, tokenListSchema, tokenSchema, tokenToWire } from './token';
export type { TradeoffsJson } from './tradeoffs';
export { tradeoffsSchema, tradeoffsToWire } from './tradeoffs';
export type { WhyJson } from './why';
export { whySchema, whyToWire } from './why';
export { fromPlainAttributes } from './plain-value';
export type {
  ExecutionChangeJson,
  ExecutionInputJson,
  TaskChangeJson,
  TaskInputJson,
} from './inputs';
export {
  executionChangeFromWire,
  executionChangeSchema,
  executionFromWire,
  executionInputSchema,
  taskChangeFromWire,
  taskChangeSchema,
  taskFromWire,
  taskInputSchema,
} from './inputs';
export type { LinkInputJson, RewardBody, RewardInputJson, TagInputJson } from './judgement-input';
export {
  linkFromWire,
  linkInputSchema,
  rewardFromWire,
  rewardInputSchema,
  rewardTargetFromWire,
  tagInputSchema,
} from './judgement-input';
export type { SpanInput, SpanInputJson } from './span-input';
export { spanFromWire, spanInputSchema } from './span-input';
export type { PruneJson, PruneReport } from './upkeep';
export { pruneSchema, pruneToWire, reinterpretedToWire } from './upkeep';
