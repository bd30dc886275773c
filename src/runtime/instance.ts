import { ConfigError } from '../errors';
import type { SpanTracker } from '../instrumentation';
import type { Evolution } from './evolution';

/** What the free functions (`linkReward`, `queryByTags`, …) work on. */
export interface Instance {
  readonly tracker: SpanTracker;
  /** Opens the database when first asked. */
  open(): Promise<Evolution>;
}

// The CommonJS and the ESM copy of this package, or two versions of it, may both be loaded.
const key = Symbol.for('otel-evolution/1');
const shared = globalThis as { [key]?: Instance };

/** The latest instance serves the free functions; `forget` gives the place back. */
export function registerInstance(instance: Instance): { forget(): void } {
  shared[key] = instance;
  return {
    forget() {
      if (shared[key] === instance) delete shared[key];
    },
  };
}

/** @throws ConfigError when there is none. */
export function currentInstance(): Instance {
  const instance = shared[key];
  if (instance !== undefined) return instance;
  throw new ConfigError(
    'otel-evolution has not been set up in this process: register new EvolutionSpanProcessor({ databaseUrl }) or await createEvolution({ databaseUrl }) first.',
  );
}
