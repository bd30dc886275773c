import type {
  Attributes,
  AttributeValue,
  Exception,
  HrTime,
  Link,
  Span,
  SpanContext,
  SpanOptions,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api';
import type {
  ReadableEvent,
  ReadableLink,
  ReadableResource,
  ReadableScope,
  ReadableSpan,
} from './readable-span';

/** The SDK's own default for attributes, events and links of a span. */
const MAX_PARTS = 128;

export interface SpanOrigin {
  readonly spanContext: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly resource: ReadableResource;
  readonly scope: ReadableScope;
  readonly onEnd: (span: RecordedSpan) => void;
}

/**
 * A span of the OTel API that keeps what is said on it, for processes in which no SDK does. Like the SDK's
 * it reads its own times, and takes nothing any more once it has ended.
 */
export class RecordedSpan implements Span, ReadableSpan {
  name: string;
  readonly kind: number;
  readonly startTime: HrTime;
  endTime: HrTime = [0, 0];
  ended = false;
  status: SpanStatus = { code: 0 };
  readonly attributes: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  readonly links: ReadableLink[] = [];
  readonly events: ReadableEvent[] = [];
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  readonly parentSpanContext?: SpanContext;
  readonly #origin: SpanOrigin;
  #attributes = 0;

  constructor(name: string, options: SpanOptions, origin: SpanOrigin) {
    this.#origin = origin;
    this.name = name;
    this.kind = options.kind ?? 0;
    if (origin.parent !== undefined) this.parentSpanContext = origin.parent;
    this.startTime = toHrTime(options.startTime);
    this.setAttributes(options.attributes ?? {});
    this.addLinks(options.links ?? []);
  }

  get resource(): ReadableResource {
    return this.#origin.resource;
  }

  get instrumentationScope(): ReadableScope {
    return this.#origin.scope;
  }

  spanContext(): SpanContext {
    return this.#origin.spanContext;
  }

  isRecording(): boolean {
    return !this.ended;
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (this.ended || value === undefined) return this;
    if (!Object.hasOwn(this.attributes, key)) {
      if (this.#attributes >= MAX_PARTS) {
        this.droppedAttributesCount += 1;
        return this;
      }
      this.#attributes += 1;
    }
    this.attributes[key] = value;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== undefined) this.setAttribute(key, value);
    }
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.ended) return this;
    if (this.events.length >= MAX_PARTS) {
      this.events.shift(); // as in the SDK, the latest are kept
      this.droppedEventsCount += 1;
    }
    const isTime = isTimeInput(attributesOrTime);
    this.events.push({
      name,
      time: toHrTime(isTime ? attributesOrTime : time),
      attributes: isTime ? {} : { ...attributesOrTime },
    });
    return this;
  }

  addLink(link: Link): this {
    return this.addLinks([link]);
  }

  addLinks(links: Link[]): this {
    if (this.ended) return this;
    for (const link of links) {
      if (this.links.length < MAX_PARTS) this.links.push(link);
      else this.droppedLinksCount += 1;
    }
    return this;
  }

  setStatus(status: SpanStatus): this {
    if (!this.ended) this.status = { ...status };
    return this;
  }

  updateName(name: string): this {
    if (!this.ended) this.name = name;
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const said = typeof exception === 'string' ? { message: exception } : exception;
    const attributes: Attributes = {};
    if ('name' in said && said.name !== undefined) attributes['exception.type'] = said.name;
    if (said.message !== undefined) attributes['exception.message'] = said.message;
    if ('stack' in said && said.stack !== undefined)
      attributes['exception.stacktrace'] = said.stack;
    this.addEvent('exception', attributes, time);
  }

  end(endTime?: TimeInput): void {
    if (this.ended) return;
    this.ended = true;
    this.endTime = toHrTime(endTime);
    this.#origin.onEnd(this);
  }
}

function isTimeInput(value: unknown): value is TimeInput {
  return typeof value === 'number' || value instanceof Date || Array.isArray(value);
}

/** `HrTime`, a Date, milliseconds since 1970, or (smaller than the origin) `performance.now()`. */
function toHrTime(time: TimeInput | undefined): HrTime {
  if (Array.isArray(time)) return time;
  const given = time instanceof Date ? time.getTime() : (time ?? performance.now());
  const millis = given < performance.timeOrigin ? performance.timeOrigin + given : given;
  const seconds = Math.floor(millis / 1_000);
  return [seconds, Math.round((millis - seconds * 1_000) * 1_000_000)];
}
