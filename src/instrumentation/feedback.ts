import { types } from 'node:util';
import {
  isSpanContextValid,
  ROOT_CONTEXT,
  type Attributes,
  type HrTime,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import { InputError, StoreUnavailableError } from '../errors';
import type { RewardSource } from '../model/reward';
import {
  assertTarget,
  lookedUpTarget,
  namedTarget,
  type CarrierTarget,
  type RewardTargetInput,
  type SpanIdResolver,
  type SpanTarget,
} from './span-target';

export interface RewardInput {
  /** 0..1. */
  readonly value: number;
  /** Further dimensions, each 0..1. */
  readonly dimensions?: Readonly<Record<string, number>> | undefined;
  readonly feedback?: string | undefined;
  /** @defaultValue `code` */
  readonly source?: RewardSource | undefined;
  /** Who judged: a person, a model, a program. */
  readonly evaluator?: string | undefined;
  /** When it was judged; a bigint counts nanoseconds since 1970. @defaultValue now */
  readonly timestamp?: Date | bigint | undefined;
  /** Id of the reward that this one replaces. */
  readonly supersedes?: string | undefined;
  /** The metric; `reward` is the primary one. @defaultValue `reward` */
  readonly name?: string | undefined;
  /** The same id sent twice is one reward. @defaultValue a new one */
  readonly id?: string | undefined;
}

/**
 * Sends a carrier span, begun and ended at the same time. Resolves when it is in the store or on its way
 * there; rejects when it will not get there.
 */
export type SendCarrier = (name: string, options: SpanOptions) => Promise<void>;

/** As a span of `tracer`. */
export function spanSender(tracer: Tracer): SendCarrier {
  return (name, options) => {
    const span = tracer.startSpan(name, options, ROOT_CONTEXT);
    const recorded = span.isRecording();
    span.end(options.startTime);
    if (recorded) return Promise.resolve();
    return Promise.reject(
      new StoreUnavailableError(`${name}: no tracer provider records it.`, {
        hint: 'Register one with an EvolutionSpanProcessor, or use createEvolution({ databaseUrl }).tracker.',
      }),
    );
  };
}

/** What feedback needs of the tracker that sends it. */
export interface FeedbackSender {
  readonly send: SendCarrier;
  readonly newId: () => string;
  readonly resolveSpanId: SpanIdResolver | undefined;
}

/**
 * Sends a judgement of a span that may have ended long ago: a carrier span `evolution.reward` in a trace
 * of its own, with one link to the judged span, so that it travels through any pipeline.
 *
 * @returns The id of the reward.
 * @throws InputError (as a rejection) for a value outside 0..1, or a target that names nothing;
 * StoreUnavailableError when it cannot be stored now.
 */
export async function linkReward(
  sender: FeedbackSender,
  target: RewardTargetInput,
  reward: RewardInput,
): Promise<string> {
  if (typeof reward !== 'object' || reward === null) {
    throw new InputError(`reward: expected { value, … }, got ${describe(reward)}`);
  }
  const id = reward.id ?? sender.newId();
  const attributes = rewardAttributes(id, reward);
  const carrier = { name: 'evolution.reward', linkType: 'reward_for_operation', attributes };
  const time = toHrTime(reward.timestamp);
  await sendCarrier(sender, target, { ...carrier, ...(time === null ? {} : { time }) });
  return id;
}

/** Tags a span that may have ended long ago, in the same way (`evolution.tags`). */
export async function withTags(
  sender: FeedbackSender,
  span: SpanTarget,
  tags: readonly string[],
): Promise<void> {
  const isList = Array.isArray(tags) && tags.length > 0;
  if (!isList || tags.some((tag) => typeof tag !== 'string' || tag === '')) {
    throw new InputError(`tags: expected at least one non-empty string, got ${describe(tags)}`);
  }
  const attributes = { 'evolution.tags': [...new Set(tags)] };
  await sendCarrier(sender, span, {
    name: 'evolution.tags',
    linkType: 'tags_for_operation',
    attributes,
  });
}

interface Carrier {
  readonly name: string;
  readonly linkType: string;
  readonly attributes: Attributes;
  readonly time?: HrTime;
}

async function sendCarrier(
  sender: FeedbackSender,
  target: RewardTargetInput,
  carrier: Carrier,
): Promise<void> {
  const { links, attributes } = await carrierTarget(sender, target, carrier);
  await sender.send(carrier.name, {
    links,
    attributes: { ...carrier.attributes, ...attributes },
    ...(carrier.time === undefined ? {} : { startTime: carrier.time }),
  });
}

async function carrierTarget(
  sender: FeedbackSender,
  target: RewardTargetInput,
  { name, linkType }: Carrier,
): Promise<CarrierTarget> {
  if (typeof target === 'string') return lookedUpTarget(target, linkType, sender.resolveSpanId);
  assertTarget(name, target);
  if ('spanContext' in target && !isSpanContextValid(target.spanContext())) {
    throw new InputError(`${name}: its span is not recorded, and nothing can be said about it.`, {
      hint: 'Register a tracer provider, or start the span with the tracker of createEvolution().',
    });
  }
  return namedTarget(target, linkType);
}

const sources: ReadonlySet<RewardSource> = new Set(['human', 'llm', 'code']);

function rewardAttributes(id: string, reward: RewardInput): Attributes {
  const { value, dimensions = {}, feedback, source = 'code', evaluator, supersedes } = reward;
  assertScore('value', value);
  if (!sources.has(source)) {
    throw new InputError(`source: expected human, llm or code, got ${describe(source)}`);
  }
  const attributes: Attributes = {
    'reward.id': id,
    'reward.value': value,
    'reward.source': source,
    'gen_ai.evaluation.name': reward.name ?? 'reward',
    'gen_ai.evaluation.score.value': value,
  };
  if (feedback !== undefined) attributes['reward.feedback'] = feedback;
  if (evaluator !== undefined) attributes['reward.evaluator'] = evaluator;
  if (supersedes !== undefined) attributes['reward.supersedes'] = supersedes;
  for (const [name, score] of Object.entries(dimensions)) {
    assertScore(`dimensions.${name}`, score);
    attributes[`reward.dimension.${name}`] = score;
  }
  return attributes;
}

function assertScore(name: string, value: unknown): asserts value is number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return;
  throw new InputError(`${name}: expected a number from 0 to 1, got ${describe(value)}`, {
    hint: 'Scale the score to 0..1 before linking it.',
  });
}

const NANOS_PER_SECOND = 1_000_000_000n;
/** The year 1970 has not ended here: the number counts something else than nanoseconds. */
const MIN_UNIX_NANO = 10n ** 15n;

function toHrTime(timestamp: Date | bigint | undefined): HrTime | null {
  if (timestamp === undefined) return null;
  if (typeof timestamp !== 'bigint' && !types.isDate(timestamp)) {
    throw new InputError(`timestamp: expected a Date or a bigint, got ${describe(timestamp)}`);
  }
  const millis = typeof timestamp === 'bigint' ? 0 : timestamp.getTime();
  if (Number.isNaN(millis)) throw new InputError('timestamp: expected a valid Date');
  const nanos = typeof timestamp === 'bigint' ? timestamp : BigInt(millis) * 1_000_000n;
  if (nanos < MIN_UNIX_NANO) {
    throw new InputError(`timestamp: expected nanoseconds since 1970, got ${nanos}`, {
      hint: 'Milliseconds? Pass a Date.',
    });
  }
  return [Number(nanos / NANOS_PER_SECOND), Number(nanos % NANOS_PER_SECOND)];
}

function describe(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
}
