import { createHash } from 'node:crypto';
import { z } from 'zod';
import { InputError } from '../errors';
import type { LinkClaim, LinkTarget, RewardClaim, RewardTarget } from '../model/reward';
import type { SpanAddress } from '../model/span';
import { fromPlainAttributes } from './plain-value';
import { tagsInputSchema } from './inputs';
import { rewardSourceSchema } from './reward';
import { attributesSchema, scoreSchema } from './scalars';
import { nanosInputSchema, spanIdInputSchema, traceIdInputSchema } from './span-input';

const idSchema = z.string().min(1).max(512);
const matchesSchema = z.record(z.string().min(1), z.string()).meta({
  description: 'Attributes that the span must carry, all of them. It may come later.',
});

export const rewardInputSchema = z
  .strictObject({
    id: idSchema.optional().meta({ description: 'The same id sent twice is one reward.' }),
    trace_id: traceIdInputSchema.optional(),
    span_id: spanIdInputSchema.optional(),
    execution_id: idSchema.optional(),
    task_id: idSchema.optional(),
    session_id: idSchema.optional(),
    attributes: matchesSchema.optional(),
    name: z.string().min(1).optional().meta({ description: 'The metric; `reward` unless told.' }),
    value: scoreSchema.optional(),
    dimensions: z.record(z.string().min(1), scoreSchema).optional(),
    feedback: z.string().optional(),
    label: z.string().optional(),
    source: rewardSourceSchema.optional().meta({ description: '`code` unless told.' }),
    evaluator: z.string().optional(),
    timestamp_unix_nano: nanosInputSchema.optional().meta({ description: 'Now unless told.' }),
    supersedes: idSchema.optional().meta({ description: 'Id of the reward that it replaces.' }),
  })
  .meta({
    id: 'RewardInput',
    description:
      'A judgement. Name what is judged: `trace_id` with `span_id`, or one of `trace_id`, `span_id`, `execution_id`, `task_id`, `session_id`, `attributes`. It need not be there yet, but for a bare `span_id`.',
    examples: [{ execution_id: 'run-1', value: 1, source: 'human', feedback: 'Solved at once.' }],
  });

export type RewardInputJson = z.input<typeof rewardInputSchema>;
export type RewardBody = z.output<typeof rewardInputSchema>;

export const linkInputSchema = z
  .strictObject({
    trace_id: traceIdInputSchema,
    span_id: spanIdInputSchema,
    linked_trace_id: traceIdInputSchema.optional(),
    linked_span_id: spanIdInputSchema.optional(),
    linked_attributes: matchesSchema.optional(),
    type: z.string().min(1).max(512).optional().meta({ description: '`related` unless told.' }),
    attributes: attributesSchema.optional(),
  })
  .meta({
    id: 'LinkInput',
    description: 'Name the linked span by both ids, or by `linked_attributes`.',
    examples: [
      {
        trace_id: '0af7651916cd43dd8448eb211c80319c',
        span_id: 'b7ad6b7169203331',
        linked_trace_id: '0af7651916cd43dd8448eb211c80319c',
        linked_span_id: '00f067aa0ba902b7',
        type: 'related',
      },
    ],
  });

export type LinkInputJson = z.input<typeof linkInputSchema>;
export type LinkInput = z.output<typeof linkInputSchema>;

export const tagInputSchema = z
  .strictObject({
    trace_id: traceIdInputSchema,
    span_id: spanIdInputSchema,
    tags: tagsInputSchema.min(1),
  })
  .meta({
    id: 'TagInput',
    description: 'Tags for a span, which may come later.',
    examples: [
      {
        trace_id: '0af7651916cd43dd8448eb211c80319c',
        span_id: 'b7ad6b7169203331',
        tags: ['reviewed'],
      },
    ],
  });

export type TagInputJson = z.input<typeof tagInputSchema>;

const targetKeys = ['trace_id', 'span_id', 'execution_id', 'task_id', 'session_id', 'attributes'];

/** What a judgement is of; `null` trace id: a bare span id, which the caller looks up. */
export function rewardTargetFromWire(input: RewardBody): RewardTarget | { spanId: string } {
  const named = targetKeys.filter((key) => input[key as keyof RewardBody] !== undefined);
  const { trace_id: traceId, span_id: spanId } = input;
  if (named.length === 2 && traceId !== undefined && spanId !== undefined) {
    return { kind: 'span', traceId, spanId };
  }
  if (named.length !== 1) {
    throw new InputError(
      named.length === 0
        ? 'A reward judges something; nothing is named.'
        : `A reward judges one thing; ${named.join(' and ')} name several.`,
      { hint: `Send trace_id with span_id, or one of ${targetKeys.join(', ')}.` },
    );
  }
  if (spanId !== undefined) return { spanId };
  if (traceId !== undefined) return { kind: 'trace', traceId };
  if (input.execution_id !== undefined) {
    return { kind: 'execution', executionId: input.execution_id };
  }
  if (input.task_id !== undefined) return { kind: 'task', taskId: input.task_id };
  if (input.session_id !== undefined) return { kind: 'session', sessionId: input.session_id };
  return { kind: 'query', matches: toMatches(input.attributes ?? {}) };
}

/** The judgement with its target; without an id of its own it has the hash of what it says and when. */
export function rewardFromWire(
  input: RewardBody,
  target: RewardTarget,
  nowUnixNano: bigint,
): RewardClaim {
  const judgement = {
    target,
    name: input.name ?? 'reward',
    value: input.value ?? null,
    rawValue: input.value ?? null,
    dimensions: input.dimensions ?? {},
    feedback: input.feedback ?? null,
    label: input.label ?? null,
    source: input.source ?? 'code',
    evaluator: input.evaluator ?? null,
    supersedes: input.supersedes ?? null,
  };
  const said = judgement.value !== null || judgement.feedback !== null || judgement.label !== null;
  if (!said && Object.keys(judgement.dimensions).length === 0) {
    throw new InputError('A reward says something: value, dimensions, feedback or label.');
  }
  const timestampUnixNano = input.timestamp_unix_nano ?? nowUnixNano;
  const content = JSON.stringify([judgement, timestampUnixNano.toString()]);
  const id = input.id ?? createHash('sha256').update(content).digest('hex').slice(0, 32);
  return { id, ...judgement, timestampUnixNano };
}

export function linkFromWire(input: LinkInput): { from: SpanAddress; link: LinkClaim } {
  return {
    from: { traceId: input.trace_id, spanId: input.span_id },
    link: {
      target: linkTarget(input),
      type: input.type ?? 'related',
      attributes: fromPlainAttributes(input.attributes ?? {}),
      tags: [],
    },
  };
}

function linkTarget(input: LinkInput): LinkTarget {
  const { linked_trace_id: traceId, linked_span_id: spanId, linked_attributes: matches } = input;
  if (matches !== undefined && traceId === undefined && spanId === undefined) {
    return { kind: 'query', matches: toMatches(matches) };
  }
  if (matches === undefined && traceId !== undefined && spanId !== undefined) {
    return { kind: 'span', traceId, spanId };
  }
  throw new InputError('A link leads to one span.', {
    hint: 'Send linked_trace_id with linked_span_id, or linked_attributes.',
  });
}

function toMatches(attributes: Readonly<Record<string, string>>) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value }));
}
