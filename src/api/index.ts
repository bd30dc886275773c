export type { ServedEvolution } from './contract/route';
export type { ApiSurroundings, EvolutionApi, EvolutionApiOptions } from './create-evolution-api';
export { createEvolutionApi } from './create-evolution-api';
export type { ProtocolHandler, RunningServer, ServerOptions } from './create-server';
export { createServer } from './create-server';
export type { Metrics } from './metrics';
export { createMetrics } from './metrics';
export { RefusalLog } from './refusal-log';
export { mintToken } from './token-secret';
