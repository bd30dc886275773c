import {
  isSpanContextValid,
  ROOT_CONTEXT,
  type Attributes,
  type HrTime,
  type Tracer,
} from '@opentelemetry/api';
import { InputError } from '../errors';
import type { RewardSource } from '../model/reward';
import { reportProblem } from './report-problem';
import {
  lookedUpTarget,
  namedTarget,
  type CarrierTarget,
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

/** What feedback needs of the tracker that sends it. */
export interface FeedbackSender {
  readonly tracer: Tracer;
  readonly newId: () => string;
  readonly resolveSpanId: SpanIdResolver | undefined;
}

/**
 * Sends a judgement of a span that may have ended long ago: a carrier span `evolution.reward` in a trace
 * of its own, with one link to the judged span, so that it travels through any pipeline.
 *
 * @returns The id of the reward.
 * @throws InputError (as a rejection) for a value outside 0..1, or a target that names no span.
 */
export async function linkReward(
  sender: FeedbackSender,
  span: SpanTarget,
  reward: RewardInput,
): Promise<string> {
  const id = reward.id ?? sender.newId();
  const attributes = rewardAttributes(id, reward);
  const carrier = { name: 'evolution.reward', linkType: 'reward_for_operation', attributes };
  const time = toHrTime(reward.timestamp);
  await sendCarrier(sender, span, { ...carrier, ...(time === null ? {} : { time }) });
  return id;
}

/** Tags a span that may have ended long ago, in the same way (`evolution.tags`). */
export async function withTags(
  sender: FeedbackSender,
  span: SpanTarget,
  tags: readonly string[],
): Promise<void> {
  const wrong = tags.find((tag) => typeof tag !== 'string' || tag === '');
  if (tags.length === 0 || wrong !== undefined) {
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
  target: SpanTarget,
  carrier: Carrier,
): Promise<void> {
  if (typeof target === 'string') {
    const found = await lookedUpTarget(target, carrier.linkType, sender.resolveSpanId);
    return emit(sender.tracer, found, carrier);
  }
  if ('spanContext' in target && !isSpanContextValid(target.spanContext())) {
    // No tracer provider is registered, so the judged span is not recorded either.
    return reportProblem(`${carrier.name} left out`, 'its span is not recorded by any SDK');
  }
  emit(sender.tracer, namedTarget(target, carrier.linkType), carrier);
}

function emit(tracer: Tracer, target: CarrierTarget, carrier: Carrier): void {
  const span = tracer.startSpan(
    carrier.name,
    {
      links: target.links,
      attributes: { ...carrier.attributes, ...target.attributes },
      ...(carrier.time === undefined ? {} : { startTime: carrier.time }),
    },
    ROOT_CONTEXT,
  );
  if (!span.isRecording()) reportProblem(`${carrier.name} lost`, 'the sampler did not record it');
  span.end(carrier.time);
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
