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
  const span = redactRecord(interpreted.span, redactor);
  const meaning = redactMeaning(interpreted, redactor);
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

function redactMeaning({ span, meaning }: InterpretedSpan, redactor: Redactor): SpanMeaning {
  const { policy } = redactor;
  const isTool = meaning.role === 'tool';
  const toolArgumentsHash = isTool ? hashToolArguments(span.attributes, policy.contentKey) : null;
  const { config, rewards, links } = meaning;
  const changes: Partial<{ -readonly [F in keyof SpanMeaning]: SpanMeaning[F] }> = {
    toolArgumentsHash: toolArgumentsHash ?? meaning.toolArgumentsHash,
    taskInput: policy.captureContent ? meaning.taskInput : null,
    config: config === null ? null : redactAttributes(config, redactor, 'settings'),
    tags: mapChanged(meaning.tags, (tag) => redactText(tag, redactor)),
    rewards: mapChanged(rewards, (reward) => redactReward(reward, policy)),
    links: mapChanged(links, (link) => redactLink(link, redactor)),
    agent: redactMembers(meaning.agent, redactor),
    exposure: meaning.exposure === null ? null : redactMembers(meaning.exposure, redactor),
  };
  const redacted = redactMembers({ ...meaning, ...changes }, redactor);
  const fields = Object.keys(meaning) as (keyof SpanMeaning)[];
  return fields.every((field) => redacted[field] === meaning[field]) ? meaning : redacted;
}

/** Masks the texts among an object's members; the same object where none holds a secret. */
function redactMembers<T extends object>(holder: T, redactor: Redactor): T {
  let changed: T | null = null;
  for (const [name, value] of Object.entries(holder)) {
    if (typeof value !== 'string') continue;
    const redacted = redactText(value, redactor);
    if (redacted !== value) changed = { ...(changed ?? holder), [name]: redacted };
  }
  return changed ?? holder;
}

/** The same list where no item changes. */
function mapChanged<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  let changed = false;
  const mapped = items.map((item) => {
    const next = change(item);
    changed ||= next !== item;
    return next;
  });
  return changed ? mapped : items;
}
