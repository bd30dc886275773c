export type { OpenedStore } from './create-store';
export { openStore } from './open-store';
export { type PreparedRows, prepareRows } from './ingest/prepare-rows';
export type { StoreOptions } from './store-options';
