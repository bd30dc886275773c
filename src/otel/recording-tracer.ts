import {
  context,
  isSpanContextValid,
  trace,
  TraceFlags,
  type Context,
  type Span,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import { nodeCrypto } from '../node-crypto';
import type { ReadableResource, ReadableSpan, StartedSpan } from './readable-span';
import { RecordedSpan } from './recorded-span';

/** What the tracer's spans go to: our own queue. */
export interface RecordingProcessor {
  onStart(span: StartedSpan, parentContext: Context): void;
  onEnd(span: ReadableSpan): unknown;
}

/** A tracer for processes without an SDK: every span is recorded and goes to one processor. */
export function createRecordingTracer(
  scopeName: string,
  resource: ReadableResource,
  processor: RecordingProcessor,
): Tracer {
  const scope = { name: scopeName };
  const startSpan = (
    name: string,
    options: SpanOptions = {},
    inside: Context = context.active(),
  ): Span => {
    const known = options.root === true ? undefined : trace.getSpanContext(inside);
    const parent = known !== undefined && isSpanContextValid(known) ? known : undefined;
    const span = new RecordedSpan(name, options, {
      spanContext: {
        traceId: parent?.traceId ?? randomId(16),
        spanId: randomId(8),
        traceFlags: TraceFlags.SAMPLED,
      },
      parent,
      resource,
      scope,
      onEnd: (ended) => void processor.onEnd(ended),
    });
    processor.onStart(span, inside);
    return span;
  };
  return {
    startSpan,
    startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: unknown[]) {
      const fn = rest.at(-1) as F;
      const [options, given] = rest.slice(0, -1) as [SpanOptions?, Context?];
      const inside = given ?? context.active();
      const span = startSpan(name, options, inside);
      return context.with(trace.setSpan(inside, span), () => fn(span) as ReturnType<F>);
    },
  };
}

/** Never all zero, which would be no id. */
function randomId(bytes: number): string {
  const id = nodeCrypto().randomBytes(bytes);
  id[bytes - 1] = (id[bytes - 1] ?? 0) | 1;
  return id.toString('hex');
}
