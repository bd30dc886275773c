export { openStore } from './open-store';
export type { StoreOptions } from './store-options';
