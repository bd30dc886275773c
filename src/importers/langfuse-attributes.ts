import type { Attributes } from '../model/attributes';
import type { JsonObject } from './json-value';
import { asObject, asPositive, asText, member } from './json-value';
import { isOtelId } from './langfuse-id';
import { toAttributes, toDouble } from './to-attributes';

/** Langfuse keeps what OpenTelemetry sent beside what the user wrote; as text in some exports. */
export function readMetadata(metadata: unknown): JsonObject {
  if (typeof metadata !== 'string') return asObject(metadata) ?? {};
  try {
    return asObject(JSON.parse(metadata)) ?? {};
  } catch {
    return { text: metadata };
  }
}

/** The attributes as they were sent; what Langfuse worked out is added only where they lack it. */
export function langfuseAttributes(
  observation: JsonObject,
  metadata: JsonObject,
  trace: JsonObject,
): Attributes {
  const sent = asObject(metadata.attributes) ?? {};
  const keys = Object.keys(sent);
  const cost = asPositive(member(observation.costDetails, 'total') ?? observation.totalCost);
  const lacks = (pattern: RegExp) => !keys.some((key) => pattern.test(key));
  const attributes = toAttributes({
    ...writtenByUser(metadata),
    ...(asText(observation.parentObservationId) === null ? ofTrace(trace) : {}),
    ...originalIds(observation, trace),
    ...(keys.length === 0 ? content(observation) : {}),
    ...(lacks(roleKey) ? role(observation) : {}),
    ...(lacks(modelKey) ? { 'gen_ai.request.model': observation.model } : {}),
    ...(lacks(usageKey) ? usage(observation.usageDetails) : {}),
    ...Object.fromEntries(Object.entries(sent).map(([key, value]) => [key, asSent(value)])),
  });
  if (cost === null || !lacks(costKey)) return attributes;
  return Object.assign(attributes, { 'llm.cost.total': toDouble(cost) });
}

const roleKey =
  /^(gen_ai\.operation\.name|openinference\.span\.kind|traceloop\.span\.kind|ai\.operationId|langsmith\.span\.kind)$/;
const modelKey = /^(gen_ai\.(request|response)\.model|llm\.model_name|ai\.model\.id)$/;
const usageKey = /^(gen_ai\.usage|ai\.usage|llm\.usage|llm\.token_count)\./;
const costKey = /(^|\.)cost(\.|$)/;

/** Of an observation; `SPAN` and `EVENT` say nothing. */
const kindOf: ReadonlyMap<unknown, string> = new Map([
  ['GENERATION', 'LLM'],
  ['AGENT', 'AGENT'],
  ['TOOL', 'TOOL'],
  ['CHAIN', 'CHAIN'],
  ['RETRIEVER', 'RETRIEVER'],
  ['EMBEDDING', 'EMBEDDING'],
  ['EVALUATOR', 'EVALUATOR'],
  ['GUARDRAIL', 'GUARDRAIL'],
]);

function role(observation: JsonObject): JsonObject {
  const kind = kindOf.get(observation.type);
  return {
    'openinference.span.kind': kind,
    'tool.name': kind === 'TOOL' ? observation.name : undefined,
  };
}

/** Langfuse counts 0 where it knows nothing. */
function usage(details: unknown): JsonObject {
  return {
    'gen_ai.usage.input_tokens': asPositive(member(details, 'input')),
    'gen_ai.usage.output_tokens': asPositive(member(details, 'output')),
  };
}

function content({ input, output }: JsonObject): JsonObject {
  return { 'input.value': asSent(input), 'output.value': asSent(output) };
}

function ofTrace({ sessionId, userId, tags }: JsonObject): JsonObject {
  return {
    'session.id': asText(sessionId),
    'user.id': asText(userId),
    'evolution.tags': Array.isArray(tags) && tags.length > 0 ? tags : null,
  };
}

/** Where an id had to be hashed, the way back. */
function originalIds(observation: JsonObject, trace: JsonObject): JsonObject {
  const [id, traceId] = [asText(observation.id), asText(trace.id)];
  return {
    'langfuse.observation.id': id === null || isOtelId(id, 16) ? null : id,
    'langfuse.trace.id': traceId === null || isOtelId(traceId, 32) ? null : traceId,
  };
}

/** Under the names by which Langfuse takes such metadata in. */
function writtenByUser(metadata: JsonObject): JsonObject {
  const own = Object.entries(metadata).filter(([key]) => !otelKeys.has(key));
  return Object.fromEntries(
    own.map(([key, value]) => [`langfuse.observation.metadata.${key}`, asSent(value)]),
  );
}

const otelKeys: ReadonlySet<string> = new Set(['attributes', 'resourceAttributes', 'scope']);

/** Langfuse opens JSON text that stood in an attribute; OpenTelemetry knows lists of scalars only. */
function asSent(value: unknown): unknown {
  const scalars = Array.isArray(value) && value.every((entry) => typeof entry !== 'object');
  return typeof value === 'object' && value !== null && !scalars ? JSON.stringify(value) : value;
}
