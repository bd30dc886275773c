export {
  AdaptationEngine,
  type AdaptationEngineOptions,
  type ProposeResult,
} from './adaptation-engine';
export {
  compareConfigurations,
  configurationVersion,
  type ConfigurationDifference,
} from './configuration-version';
export { FeedbackLoop, type FeedbackLoopOptions, type FeedbackStep } from './feedback-loop';
export { declareLevers } from './levers';
export type { Actor } from './life-cycle';
export { proposeChange, type Proposal } from './propose';
