export type { ModelEndpoint } from './chat-completions';
export { runDemo, type DemoOptions, type DemoProgress, type DemoResult } from './run-demo';
