import type { Attributes, Context, TimeInput, Tracer } from '@opentelemetry/api';
import type { SpanAddress } from '../model/span';
import { stampOf } from './evolution-context';
import { createSpanHandle, type SpanHandle } from './span-handle';
import { linkTo, type SpanContextHolder, type LinkDetails } from './span-target';

export interface StartSpanOptions {
  readonly name: string;
  readonly attributes?: Attributes | undefined;
  /** Written as `evolution.tags`. */
  readonly tags?: readonly string[] | undefined;
  readonly links?:
    readonly (LinkDetails & { readonly span: SpanAddress | SpanContextHolder })[] | undefined;
  readonly startTime?: TimeInput | undefined;
}

/** Starts a span under the one in `inside`, marked with the task and execution that `inside` is in. */
export function startSpan(tracer: Tracer, inside: Context, options: StartSpanOptions): SpanHandle {
  const { name, attributes, tags = [], links = [], startTime } = options;
  const span = tracer.startSpan(
    name,
    {
      attributes: {
        ...stampOf(inside),
        ...attributes,
        ...(tags.length === 0 ? {} : { 'evolution.tags': [...tags] }),
      },
      links: links.map(({ span: target, ...details }) => linkTo(target, details)),
      ...(startTime === undefined ? {} : { startTime }),
    },
    inside,
  );
  return createSpanHandle(span, tags);
}
