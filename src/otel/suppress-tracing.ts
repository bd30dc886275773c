import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';

/** The key that `@opentelemetry/core` uses; a context key is `Symbol.for` of its name, so all copies agree. */
const suppressTracingKey = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
const untraced = ROOT_CONTEXT.setValue(suppressTracingKey, true);

/**
 * Runs `fn`, and everything asynchronous that it starts, untraced: an instrumented database driver
 * would otherwise trace our own inserts for ever. Starts from the root context, so that a timer or a
 * connection pool made here does not hold on to the task that happened to be active.
 */
export function withoutTracing<T>(fn: () => T): T {
  return context.with(untraced, fn);
}
