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

export interface Registration {
  /** Puts another in its place, unless somebody registered since. */
  replace(instance: Instance): void;
  /** Gives the place back. */
  forget(): void;
}

/** The latest instance serves the free functions. */
export function registerInstance(instance: Instance): Registration {
  let own = instance;
  shared[key] = own;
  return {
    replace(other) {
      if (shared[key] === own) shared[key] = other;
      own = other;
    },
    forget() {
      if (shared[key] === own) delete shared[key];
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
