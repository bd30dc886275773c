export type { ProtocolHandler, RunningServer, ServerOptions } from './create-server';
export { createServer } from './create-server';
export type { Metrics } from './metrics';
export { createMetrics } from './metrics';
