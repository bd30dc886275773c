export type { OpenedStore } from './create-store';
export { openStore } from './open-store';
export { type PreparedRows, prepareRows } from './ingest/prepare-rows';
export { hashSent } from './ingest/span-version';
export type { StoreOptions } from './store-options';
export { repairOf } from './database/damage';
