export type { ModelEndpoint } from './chat-completions';
export {
  learnedDimensions,
  runDemo,
  type DemoOptions,
  type DemoProgress,
  type DemoResult,
} from './run-demo';
