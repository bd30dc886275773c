export { type BackgroundWork } from './background-work';
export { type TaskInput } from './begin-execution';
export { contextFromEnvironment, environmentFromContext } from './environment-context';
export {
  enterExposures,
  executionOf,
  stampOf,
  taskOf,
  type ExecutionContext,
  type Propagate,
  type TaskContext,
} from './evolution-context';
export { type AgentInput, type ExecutionInput } from './execution-attributes';
export { type RewardInput, type SendCarrier } from './feedback';
export { type WorkOutcome } from './result-observer';
export { type OutcomeListener } from './run-in-span';
export { type SpanHandle } from './span-handle';
export type { PriorRuns } from './run-histories';
export { createSpanTracker, type SpanTracker, type SpanTrackerOptions } from './span-tracker';
export {
  type SpanContextHolder,
  type LinkDetails,
  type RewardTargetInput,
  type SpanIdResolver,
  type SpanTarget,
} from './span-target';
export { type StartSpanOptions } from './start-span';
export { TrackEvolution, type TrackEvolutionDecorator } from './track-evolution';
export { type TrackingOptions, type Evaluation } from './tracked-call';
export { withEvolutionTracking, type EvolutionTrackingOptions } from './with-evolution-tracking';
