import type { LinkClaim, RewardClaim } from '../../model/reward';
import type {
  InterpretedSpan,
  SpanEvent,
  SpanLink,
  SpanMeaning,
  SpanRecord,
} from '../../model/span';
import { EVALUATION_RESULT } from '../rewards/evaluation-result';
import { hashToolArguments } from './hash-tool-arguments';
import {
  redactAttributes,
  type RedactionPolicy,
  type Redactor,
  redactorFor,
  redactShared,
  redactText,
} from './redactor';

/**
 * Drops content unless it is captured, masks secrets everywhere, and leaves of a tool call's
 * arguments an HMAC in `meaning.toolArgumentsHash`. Returns the same object where nothing changes.
 */
export function redactSpan(interpreted: InterpretedSpan, policy: RedactionPolicy): InterpretedSpan {
  const redactor = redactorFor(policy);
  const maskedBefore = redactor.masked;
  const span = redactRecord(interpreted.span, redactor);
  const secretsFound =
    redactor.masked > maskedBefore || span.resource !== interpreted.span.resource;
  const meaning = redactMeaning(interpreted, redactor, secretsFound);
  if (span === interpreted.span && meaning === interpreted.meaning) return interpreted;
  return { span, meaning };
}

/** Masks secrets in what a judge wrote. */
export function redactReward(claim: RewardClaim, policy: RedactionPolicy): RewardClaim {
  const redactor = redactorFor(policy);
  const feedback = claim.feedback === null ? null : redactText(claim.feedback, redactor);
  const label = claim.label === null ? null : redactText(claim.label, redactor);
  if (feedback === claim.feedback && label === claim.label) return claim;
  return { ...claim, feedback, label };
}

/** What a user asked, as it may be stored: `undefined` unless content is captured, then without secrets. */
export function redactContent(
  text: string | undefined,
  policy: RedactionPolicy,
): string | undefined {
  return text === undefined || !policy.captureContent
    ? undefined
    : redactText(text, redactorFor(policy));
}

function redactRecord(span: SpanRecord, redactor: Redactor): SpanRecord {
  const attributes = redactAttributes(span.attributes, redactor);
  const events = mapChanged(span.events, (event) => redactEvent(event, redactor));
  const links = mapChanged(span.links, (link) => redactLink(link, redactor));
  const resource = redactShared(span.resource, redactor);
  const scope = redactShared(span.scope, redactor);
  const name = redactText(span.name, redactor);
  const { message } = span.status;
  const maskedMessage = message === null ? null : redactText(message, redactor);
  const same =
    attributes === span.attributes &&
    events === span.events &&
    links === span.links &&
    resource === span.resource &&
    scope === span.scope &&
    name === span.name &&
    maskedMessage === message;
  if (same) return span;
  const status =
    maskedMessage === message ? span.status : { ...span.status, message: maskedMessage };
  return { ...span, name, status, attributes, events, links, resource, scope };
}

function redactEvent(event: SpanEvent, redactor: Redactor): SpanEvent {
  const spoken = event.name.startsWith('gen_ai.') && event.name !== EVALUATION_RESULT;
  const attributes = redactAttributes(event.attributes, redactor, spoken ? 'message' : 'span');
  const name = redactText(event.name, redactor);
  const same = attributes === event.attributes && name === event.name;
  return same ? event : { ...event, name, attributes };
}

function redactLink<T extends SpanLink | LinkClaim>(link: T, redactor: Redactor): T {
  const attributes = redactAttributes(link.attributes, redactor);
  return attributes === link.attributes ? link : { ...link, attributes };
}

/** Texts of the meaning stand in the span as well, so they are looked at only where it held a secret. */
function redactMeaning(
  { span, meaning }: InterpretedSpan,
  redactor: Redactor,
  secretsFound: boolean,
): SpanMeaning {
  const { policy } = redactor;
  const isTool = meaning.role === 'tool';
  const toolArgumentsHash = isTool ? hashToolArguments(span.attributes, policy.contentKey) : null;
  const taskInput = policy.captureContent ? meaning.taskInput : null;
  const config =
    meaning.config === null ? null : redactAttributes(meaning.config, redactor, 'settings');
  const rewards = mapChanged(meaning.rewards, (reward) => redactReward(reward, policy));
  const links = mapChanged(meaning.links, (link) => redactLink(link, redactor));
  const same =
    toolArgumentsHash === null &&
    taskInput === meaning.taskInput &&
    config === meaning.config &&
    rewards === meaning.rewards &&
    links === meaning.links;
  if (same && !secretsFound) return meaning;
  const changed = { ...meaning, toolArgumentsHash, taskInput, config, rewards, links };
  return secretsFound ? maskMeaning(changed, redactor) : changed;
}

function maskMeaning(meaning: SpanMeaning, redactor: Redactor): SpanMeaning {
  return {
    ...maskMembers(meaning, redactor),
    agent: maskMembers(meaning.agent, redactor),
    exposure: meaning.exposure === null ? null : maskMembers(meaning.exposure, redactor),
    tags: meaning.tags.map((tag) => redactText(tag, redactor)),
  };
}

function maskMembers<T extends object>(holder: T, redactor: Redactor): T {
  const members = Object.entries(holder).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' ? redactText(value, redactor) : value,
  ]);
  return Object.fromEntries(members) as T;
}

/** The same list where no item changes. */
function mapChanged<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  if (items.length === 0) return items;
  let changed = false;
  const mapped = items.map((item) => {
    const next = change(item);
    changed ||= next !== item;
    return next;
  });
  return changed ? mapped : items;
}
