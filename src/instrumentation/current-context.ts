import { AsyncLocalStorage } from 'node:async_hooks';
import { context, ROOT_CONTEXT, type Context } from '@opentelemetry/api';

// In a process where nobody registered a context manager `context.with` forgets its context at once, and
// no span would know its task: there we carry it ourselves.
// One for the process, although two copies of this package may be loaded.
const key = Symbol.for('otel-evolution/1 context');
const shared = globalThis as { [key]?: AsyncLocalStorage<Context> };
const own = (shared[key] ??= new AsyncLocalStorage<Context>());

/** The context that is active here. */
export function activeContext(): Context {
  const active = context.active();
  return active === ROOT_CONTEXT ? (own.getStore() ?? active) : active;
}

/** Runs `fn` in a context, and what it starts. */
export function runIn<T>(inside: Context, fn: () => T): T {
  return context.with(inside, () => (activeContext() === inside ? fn() : own.run(inside, fn)));
}
