import type { LinkClaim } from '../../model/reward';
import type { InterpretedSpan, SpanMeaning, SpanRecord } from '../../model/span';
import { int64Text } from '../schema/json-values';
import { listedName } from '../schema/operation-table';
import type { OwnColumns } from '../schema/span-table';
import type { StoredMeaning } from '../schema/stored-meaning';
import { cleanJson, cleanText, cleanTextOrNull, maxIdLength } from '../schema/text';
import { type SharedContent, sharedContent } from './content-hash';
import { isAnswerable, prepareReward, type PreparedReward, unanswerable } from './prepared-reward';

/** A span made ready before its transaction: everything but the keys of other rows. Plain data. */
export interface PreparedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly columns: OwnColumns;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint | null;
  readonly texts: readonly [attributes: string, meaning: string, rest: string];
  readonly resource: SharedContent;
  readonly scope: SharedContent;
  /** As `operations` has it. */
  readonly service: string;
  readonly tags: readonly string[];
  readonly links: readonly LinkClaim[];
  readonly rewards: readonly PreparedReward[];
  /** What it lost of itself so that it could be stored. */
  readonly reduced: readonly string[];
}

/** The span's row, or why no database can hold it. */
export function prepareSpan({
  span,
  meaning: given,
  sentHash,
}: InterpretedSpan): PreparedSpan | { readonly refused: string } {
  const { meaning, reduced } = reduce(given);
  const refused = whyRefused(span, meaning);
  if (refused !== null) return { refused };
  const rewards: PreparedReward[] = [];
  for (const claim of meaning.rewards) {
    const reward = prepareReward(claim);
    if ('refused' in reward) return { refused: `its reward: ${reward.refused}` };
    rewards.push(reward);
  }
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    columns: {
      parent_span_id: span.parentSpanId,
      name: cleanText(span.name),
      kind: span.kind,
      flags: span.flags,
      start_time: int64Text(span.startTimeUnixNano),
      end_time: span.endTimeUnixNano === null ? null : int64Text(span.endTimeUnixNano),
      status_code: span.status.code,
      role: meaning.role,
      carrier: meaning.carrier ? 1 : 0,
      agent_id: cleanTextOrNull(meaning.agent.id),
      model: cleanTextOrNull(meaning.model),
      tool: cleanTextOrNull(meaning.tool),
      input_tokens: meaning.inputTokens,
      output_tokens: meaning.outputTokens,
      cost_usd: meaning.costUsd,
      error_type: cleanTextOrNull(meaning.errorType),
      tool_arguments_hash: meaning.toolArgumentsHash,
      sent_hash: sentHash ?? null,
    },
    startTimeUnixNano: span.startTimeUnixNano,
    endTimeUnixNano: span.endTimeUnixNano,
    texts: [cleanJson(span.attributes), meaningText(meaning), restText(span)],
    resource: sharedContent(span.resource),
    scope: sharedContent(span.scope),
    service: serviceOf(span),
    tags: meaning.tags,
    links: meaning.links.map((link) => JSON.parse(cleanJson(link)) as LinkClaim),
    rewards,
    reduced,
  };
}

/** As OpenTelemetry calls a service that does not say its name. */
const unknownService = 'unknown_service';

function serviceOf({ resource }: SpanRecord): string {
  const name = resource.attributes['service.name'];
  return typeof name === 'string' && name !== '' ? listedName(name) : unknownService;
}

/** Leaves out what no index can hold of a span that can be kept without it. */
function reduce(meaning: SpanMeaning): {
  readonly meaning: SpanMeaning;
  readonly reduced: readonly string[];
} {
  const { agent, tags, links } = meaning;
  const fits = (text: string): boolean => text.length <= maxIdLength;
  const linksFit = links.every(({ type, tags: brought }) => fits(type) && brought.every(fits));
  const agentFits = agent.id === null || fits(agent.id);
  if (agentFits && linksFit && tags.every(fits)) return { meaning, reduced: [] };
  const reduced: string[] = [];
  const keep = <T>(items: readonly T[], fitting: (item: T) => boolean, what: string): T[] => {
    const kept = items.filter(fitting);
    const lost = items.length - kept.length;
    if (lost > 0) reduced.push(`left out ${lost} ${what} of more than ${maxIdLength} characters`);
    return kept;
  };
  if (!agentFits) reduced.push(`cut its agent id to ${maxIdLength} characters`);
  return {
    meaning: {
      ...meaning,
      agent: { ...agent, id: agent.id?.slice(0, maxIdLength) ?? null },
      tags: keep(tags, fits, 'tags'),
      links: keep(links, ({ type }) => fits(type), 'links with a type').map((link) => ({
        ...link,
        tags: keep(link.tags, fits, 'tags of a link'),
      })),
    },
    reduced,
  };
}

function whyRefused(span: SpanRecord, meaning: SpanMeaning): string | null {
  if (!/^[0-9a-f]{32}$/.test(span.traceId) || !/^[0-9a-f]{16}$/.test(span.spanId)) {
    return 'expected a trace id of 32 and a span id of 16 lower-case hex digits';
  }
  const end = span.endTimeUnixNano ?? 0n;
  if (span.startTimeUnixNano >> 64n !== 0n || end >> 64n !== 0n) {
    return 'expected times of 0 to 2^64 - 1 nanoseconds';
  }
  // Cut, they could be taken for others.
  const ids = [meaning.taskId, meaning.executionId, meaning.sessionId];
  if (ids.some((id) => id !== null && id.length > maxIdLength)) {
    return `expected ids of at most ${maxIdLength} characters`;
  }
  const runs = [meaning.attempt ?? 1, (meaning.replication ?? 0) + 1];
  if (!runs.every((run) => Number.isSafeInteger(run) && run >= 1)) {
    return 'expected an attempt from 1 and a replication from 0, both whole numbers';
  }
  const badLink = meaning.links.find(
    ({ target }) => target.kind === 'query' && !isAnswerable(target),
  );
  return badLink ? `its link: ${unanswerable}` : null;
}

function meaningText(meaning: SpanMeaning): string {
  const { name, version, type } = meaning.agent;
  // What is `undefined` is not written.
  const known: { readonly [K in keyof StoredMeaning]-?: StoredMeaning[K] | undefined } = {
    taskId: meaning.taskId ?? undefined,
    executionId: meaning.executionId ?? undefined,
    taskType: meaning.taskType ?? undefined,
    attempt: meaning.attempt ?? undefined,
    replication: meaning.replication ?? undefined,
    sessionId: meaning.sessionId ?? undefined,
    agent: (name ?? version ?? type) === null ? undefined : { name, version, type },
    config: meaning.config ?? undefined,
    propensities: meaning.propensities ?? undefined,
    success: meaning.success ?? undefined,
    status: meaning.status ?? undefined,
    attemptsUnknown: meaning.attemptsUnknown || undefined,
    timeSynthetic: meaning.timeSynthetic || undefined,
    taskInput: meaning.taskInput ?? undefined,
    taskGroup: meaning.taskGroup ?? undefined,
    requestor: meaning.requestor ?? undefined,
    exposures: meaning.exposures.length > 0 ? meaning.exposures : undefined,
    sampling: meaning.sampling ?? undefined,
  };
  const json = cleanJson(known);
  return json === '{}' ? '' : json;
}

/** The lossless remainder, in short form: `''` when there is nothing to say. */
export function restText(span: SpanRecord): string {
  if (isPlain(span)) return '';
  const rest = {
    ...(span.traceState !== null && { traceState: span.traceState }),
    ...(span.status.message !== null && { message: span.status.message }),
    ...(span.events.length > 0 && {
      events: span.events.map((event) => ({ ...event, timeUnixNano: String(event.timeUnixNano) })),
    }),
    ...(span.links.length > 0 && { links: span.links }),
    ...(span.droppedAttributesCount > 0 && { droppedAttributes: span.droppedAttributesCount }),
    ...(span.droppedEventsCount > 0 && { droppedEvents: span.droppedEventsCount }),
    ...(span.droppedLinksCount > 0 && { droppedLinks: span.droppedLinksCount }),
  };
  return cleanJson(rest);
}

/** Most spans have nothing to add. */
function isPlain(span: SpanRecord): boolean {
  return (
    span.traceState === null &&
    span.status.message === null &&
    span.events.length === 0 &&
    span.links.length === 0 &&
    span.droppedAttributesCount === 0 &&
    span.droppedEventsCount === 0 &&
    span.droppedLinksCount === 0
  );
}
