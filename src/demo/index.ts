export type { ModelEndpoint } from './chat-completions';
export {
  learnedDimensions,
  runDemo,
  type DemoOptions,
  type DemoProgress,
  type DemoResult,
} from './run-demo';
export {
  demoLevers,
  isForLearning,
  runClosedLoop,
  type ClosedLoopOptions,
  type ClosedLoopResult,
  type RollOut,
  type Stage,
} from './closed-loop';
export { loadSdk, startTelemetry, type DemoTelemetry } from './telemetry';
