export { AdaptationEngine, type AdaptationEngineOptions } from './adaptation-engine';
export { compareConfigurations, configurationVersion } from './configuration-version';
export { createConfigurations } from './configurations';
export {
  ALARM_UNITS,
  CLOSER_UNITS,
  FeedbackLoop,
  type FeedbackLoopOptions,
  type FeedbackStep,
} from './feedback-loop';
export { declareLevers } from './levers';
export { proposeChange, type Proposal } from './propose';
