import { ROOT_CONTEXT, trace, type SpanOptions } from '@opentelemetry/api';
import { nodeCrypto } from '../node-crypto';
import { readGuestEnvironment } from '../config';
import type { Configuration } from '../model/configuration';
import { InputError } from '../errors';
import type { SendCarrier, SpanTrackerOptions } from '../instrumentation';
import type { SpanSink } from '../model/ports';
import type { SpanRecord } from '../model/span';
import {
  createRecordingTracer,
  tellOperator,
  toSpanRecord,
  withoutTracing,
  type ReadableSpan,
  type RecordingProcessor,
} from '../otel';
import type { RedactionPolicy } from '../semantics';
import type { Feeds } from './feeds';
import { createReachingTracer, isReadable } from './reaching-tracer';
import { loadRedactionHook } from './redaction-hook';
import { writeSpool } from './spool';
import { spoolPath } from './spool-path';

/** Keeps spans without waiting for anything. @throws when it cannot */
export type Spool = (spans: readonly SpanRecord[]) => void;

/**
 * The spool of a database; `null` for one in memory.
 *
 * @param policy - How the database redacts, where that is known already. What is spooled before has its
 * content dropped without the key that would show repeated tool calls.
 */
export function createSpool(
  {
    databaseUrl,
    captureContent,
    redact,
  }: Pick<Configuration, 'databaseUrl' | 'captureContent' | 'redact'>,
  policy: () => RedactionPolicy | null,
): Spool | null {
  const path = spoolPath(databaseUrl);
  if (path === null) return null;
  return (spans) => {
    writeSpool(path, spans, {
      policy: policy() ?? { captureContent, contentKey: nodeCrypto().randomBytes(32) },
      hook: loadRedactionHook(redact),
    });
    tellOperator(
      'spooled',
      `${spans.length} span(s) could not be written in time; they are kept in ${path} and stored when the database is next opened`,
    );
  };
}

export interface GuestIntake {
  readonly feeds: Feeds;
  /** Gets the spans that no provider of the process brings to the instance. */
  readonly processor: RecordingProcessor;
  readonly sink: () => Promise<SpanSink>;
}

/** How a tracker sees to it that what it records and sends reaches the instance, whatever SDK there is. */
export function trackerOptionsFor(
  intake: GuestIntake,
): Required<Pick<SpanTrackerOptions, 'tracerProvider' | 'sendCarrier'>> {
  const resource = { attributes: { 'service.name': readGuestEnvironment().serviceName } };
  const own = createRecordingTracer('otel-evolution', resource, intake.processor);
  const tracer = createReachingTracer(intake.feeds, { tracer: own, processor: intake.processor });
  const record = (name: string, options: SpanOptions): ReadableSpan => {
    const ended: ReadableSpan[] = [];
    const onEnd = (span: ReadableSpan): unknown => ended.push(span);
    createRecordingTracer('otel-evolution', resource, { onStart: () => {}, onEnd })
      .startSpan(name, options, ROOT_CONTEXT)
      .end(options.startTime);
    return ended[0] as ReadableSpan;
  };
  return { tracerProvider: { getTracer: () => tracer }, sendCarrier: createSender(intake, record) };
}

/** As a span where a processor of the instance takes it into its queue; else straight to the sink as well. */
function createSender(
  { feeds, sink }: GuestIntake,
  record: (name: string, options: SpanOptions) => ReadableSpan,
): SendCarrier {
  return async (name, options) => {
    const span = trace.getTracer('otel-evolution').startSpan(name, options, ROOT_CONTEXT);
    const recorded = span.isRecording() && isReadable(span);
    if (feeds.queuedBy(span, () => span.end(options.startTime))) return;
    // Under the ids that an exporter may bring, so that it is stored once.
    const readable = recorded ? span : record(name, options);
    const { refused } = await withoutTracing(async () => {
      await readable.resource.waitForAsyncAttributes?.();
      return (await sink()).accept({ spans: [toSpanRecord(readable)] });
    });
    const [refusal] = refused;
    if (refusal !== undefined) throw new InputError(`${name}: ${refusal.reason}`);
  };
}
