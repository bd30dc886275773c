import {
  createTraceState,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  trace,
  type BaggageEntry,
  type Context,
  type SpanContext,
} from '@opentelemetry/api';
import { InputError } from '../errors';

/** Limits of the W3C Baggage specification. */
const MAX_BAGGAGE_BYTES = 8_192;
const MAX_BAGGAGE_ENTRIES = 180;

/**
 * What a child process needs to continue the trace, the task and the execution of `context`:
 * `TRACEPARENT`, `TRACESTATE` and `BAGGAGE`, to be put into its environment. Absent where there is
 * nothing to say.
 *
 * @throws InputError for what is no context
 */
export function environmentFromContext(context: Context): Record<string, string> {
  if (typeof (context as Context | undefined)?.getValue !== 'function') {
    throw new InputError('environmentFromContext: expected a context, such as context.active()');
  }
  const environment: Record<string, string> = {};
  const spanContext = trace.getSpanContext(context);
  if (spanContext !== undefined && isSpanContextValid(spanContext)) {
    const flags = (spanContext.traceFlags & 0xff).toString(16).padStart(2, '0');
    environment['TRACEPARENT'] = `00-${spanContext.traceId}-${spanContext.spanId}-${flags}`;
    const traceState = spanContext.traceState?.serialize() ?? '';
    if (traceState !== '') environment['TRACESTATE'] = traceState;
  }
  const baggage = (propagation.getBaggage(context)?.getAllEntries() ?? [])
    .slice(0, MAX_BAGGAGE_ENTRIES)
    .map(([key, { value }]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join(',');
  if (baggage !== '' && baggage.length <= MAX_BAGGAGE_BYTES) environment['BAGGAGE'] = baggage;
  return environment;
}

/**
 * The context that the parent process left in the environment (`TRACEPARENT`, `TRACESTATE`, `BAGGAGE`
 * in W3C form); what is missing or broken is left out. Run the child's work in it:
 * `context.with(contextFromEnvironment(process.env), main)`.
 *
 * @throws InputError for what is no object
 */
export function contextFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Context {
  if (typeof environment !== 'object' || environment === null) {
    throw new InputError('contextFromEnvironment: expected an environment, such as process.env');
  }
  let result = ROOT_CONTEXT;
  const spanContext = parseTraceParent(environment['TRACEPARENT'], environment['TRACESTATE']);
  if (spanContext !== null) result = trace.setSpanContext(result, spanContext);
  const entries = parseBaggage(environment['BAGGAGE']);
  if (Object.keys(entries).length === 0) return result;
  return propagation.setBaggage(result, propagation.createBaggage(entries));
}

function parseTraceParent(
  header: string | undefined,
  traceState: string | undefined,
): SpanContext | null {
  const match = /^(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:$|-)/.exec(
    header?.trim() ?? '',
  );
  const [, traceId, spanId, flags] = match ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  const spanContext: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
    ...(traceState === undefined ? {} : { traceState: createTraceState(traceState) }),
  };
  return isSpanContextValid(spanContext) ? spanContext : null;
}

function parseBaggage(header: string | undefined): Record<string, BaggageEntry> {
  const entries = Object.create(null) as Record<string, BaggageEntry>;
  if (header === undefined || header.length > MAX_BAGGAGE_BYTES) return entries;
  for (const member of header.split(',').slice(0, MAX_BAGGAGE_ENTRIES)) {
    const [pair = ''] = member.split(';'); // what follows is metadata
    const separator = pair.indexOf('=');
    if (separator < 1) continue;
    const key = decode(pair.slice(0, separator));
    const value = decode(pair.slice(separator + 1));
    if (key !== null && value !== null) entries[key] = { value };
  }
  return entries;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return null;
  }
}
