import {
  isSpanContextValid,
  TraceFlags,
  type Attributes,
  type Link,
  type SpanContext,
} from '@opentelemetry/api';
import { InputError } from '../errors';
import type { SpanAddress } from '../model/span';

/** Anything that knows its span context: a span of the OTel API, or a handle of the tracker. */
export interface SpanContextHolder {
  spanContext(): SpanContext;
}

/**
 * What feedback is about: a span by its two ids, by itself, by a bare span id (looked up; else by query),
 * or by query: the spans that carry all of `attributes`, which may come later.
 */
export type SpanTarget =
  | SpanAddress
  | SpanContextHolder
  | string
  | { readonly attributes: Readonly<Record<string, string | number | boolean>> };

/** A reward may also be for a whole task or execution, by its id. */
export type RewardTargetInput =
  SpanTarget | { readonly taskId: string } | { readonly executionId: string };

/** @throws InputError for what is no target at all; tags are for spans only. */
export function assertTarget(
  what: string,
  target: unknown,
): asserts target is Exclude<RewardTargetInput, string> {
  const isObject = typeof target === 'object' && target !== null;
  const keys = ['spanContext', 'traceId', 'attributes'];
  if (what === REWARD) keys.push('taskId', 'executionId');
  if (isObject && keys.some((key) => key in target)) return;
  const came = isObject ? `{ ${Object.keys(target).join(', ')} }` : typeof target;
  throw new InputError(`${what}: expected what it is about, got ${came}`, {
    hint: `Pass a span, { traceId, spanId }, a span id, { attributes: { … } }${
      what === REWARD ? ', { taskId } or { executionId }' : ''
    }.`,
  });
}

const REWARD = 'evolution.reward';
const REWARD_LINK = 'reward_for_operation';

/** Finds the one span with this id: `null` for none, rejects with `InputError` for several. */
export type SpanIdResolver = (spanId: string) => Promise<SpanAddress | null>;

/** How a carrier span names its target: by a span link, or by query attributes. */
export type CarrierTarget =
  | { readonly links: Link[]; readonly attributes: Readonly<Record<string, never>> }
  | { readonly links: never[]; readonly attributes: Readonly<Record<string, string>> };

/** @throws InputError for ids that are none, or a query without a condition. */
export function namedTarget(
  target: Exclude<RewardTargetInput, string>,
  linkType: string,
): CarrierTarget {
  if ('taskId' in target) return { links: [], attributes: named('task_id', target.taskId) };
  if ('executionId' in target) {
    return { links: [], attributes: named('execution_id', target.executionId) };
  }
  if ('spanContext' in target || !('attributes' in target)) return linked(target, linkType);
  return (linkType === REWARD_LINK && wholeOf(target.attributes)) || queried(target.attributes);
}

/** A query for a task's or an execution's id alone means the whole of it: of a task's runs the latest, not the first. */
function wholeOf(matches: Readonly<Record<string, unknown>>): CarrierTarget | null {
  const [key, ...more] = Object.keys(matches);
  if (more.length > 0) return null;
  if (key === 'task.id') return { links: [], attributes: named('task_id', matches[key]) };
  if (key === 'execution.id') return { links: [], attributes: named('execution_id', matches[key]) };
  return null;
}

function named(kind: 'task_id' | 'execution_id', id: unknown): Readonly<Record<string, string>> {
  if (typeof id === 'string' && id !== '') return { [`reward.target.${kind}`]: id };
  throw new InputError(`${kind}: expected a non-empty string, got ${typeof id}`);
}

/** Likewise, for a bare span id. */
export async function lookedUpTarget(
  spanId: string,
  linkType: string,
  resolveSpanId: SpanIdResolver | undefined,
): Promise<CarrierTarget> {
  const id = spanId.toLowerCase();
  if (!/^[\da-f]{16}$/.test(id)) {
    throw new InputError(`span: expected a span id of 16 hex digits, got "${spanId}"`);
  }
  const found = (await resolveSpanId?.(id)) ?? null;
  // Not stored yet, or nobody to ask: the store finds it when it comes.
  return found === null ? queried({ span_id: id }) : linked(found, linkType);
}

export interface LinkDetails {
  /** What the link is for: `link.type`. @defaultValue `related` */
  readonly type?: string | undefined;
  readonly attributes?: Attributes | undefined;
}

/** @throws InputError for ids that are none. */
export function linkTo(
  target: SpanAddress | SpanContextHolder,
  { type = 'related', attributes = {} }: LinkDetails = {},
): Link {
  const { traceId = '', spanId = '' }: Partial<SpanAddress> =
    'spanContext' in target ? target.spanContext() : target;
  const context: SpanContext = {
    traceId: traceId.toLowerCase(),
    spanId: spanId.toLowerCase(),
    traceFlags: TraceFlags.SAMPLED,
  };
  if (!isSpanContextValid(context)) {
    throw new InputError(
      `span: expected a trace id of 32 and a span id of 16 hex digits, not all zero, got ` +
        `"${traceId}" and "${spanId}"`,
      { hint: 'A span has ids only once a tracer provider is registered.' },
    );
  }
  return { context, attributes: { ...attributes, 'link.type': type } };
}

function linked(target: SpanAddress | SpanContextHolder, linkType: string): CarrierTarget {
  return { links: [linkTo(target, { type: linkType })], attributes: {} };
}

function queried(matches: Readonly<Record<string, string | number | boolean>>): CarrierTarget {
  const attributes: Record<string, string> = {};
  for (const [index, [key, value]] of Object.entries(matches).entries()) {
    attributes[`agentlightning.link.${index}.key_match`] = key;
    attributes[`agentlightning.link.${index}.value_match`] = String(value);
  }
  if (Object.keys(attributes).length === 0) {
    throw new InputError('span.attributes: expected at least one attribute to match, got none');
  }
  return { links: [], attributes };
}
