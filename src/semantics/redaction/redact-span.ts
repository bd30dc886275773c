import type {
  InterpretedSpan,
  SpanEvent,
  SpanLink,
  SpanMeaning,
  SpanRecord,
} from '../../model/span';
import { EVALUATION_RESULT } from '../rewards/evaluation-result';
import { hashToolArguments } from './hash-tool-arguments';
import { mapChanged } from './map-changed';
import { redactLinkClaim } from './redact-link';
import { maskKeys, redactReward } from './redact-reward';
import {
  type Place,
  redactAttributes,
  redactId,
  type RedactionPolicy,
  type Redactor,
  redactNullable,
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
  const place = interpreted.meaning.role === 'other' ? 'span' : 'agentic';
  const span = redactRecord(interpreted.span, redactor, place);
  const secretsFound =
    redactor.masked > maskedBefore || span.resource !== interpreted.span.resource;
  const meaning = redactMeaning(interpreted, redactor, secretsFound);
  if (span === interpreted.span && meaning === interpreted.meaning) return interpreted;
  return { span, meaning };
}

function redactRecord(span: SpanRecord, redactor: Redactor, place: Place): SpanRecord {
  const attributes = redactAttributes(span.attributes, redactor, place);
  const events = mapChanged(span.events, (event) => redactEvent(event, redactor, place));
  const links = mapChanged(span.links, (link) => redactSpanLink(link, redactor));
  const resource = redactShared(span.resource, redactor);
  const scope = redactShared(span.scope, redactor);
  const name = redactText(span.name, redactor);
  const traceState = redactNullable(span.traceState, redactor);
  const message = redactNullable(span.status.message, redactor);
  const same =
    attributes === span.attributes &&
    events === span.events &&
    links === span.links &&
    resource === span.resource &&
    scope === span.scope &&
    name === span.name &&
    traceState === span.traceState &&
    message === span.status.message;
  if (same) return span;
  const status = message === span.status.message ? span.status : { ...span.status, message };
  return { ...span, name, traceState, status, attributes, events, links, resource, scope };
}

function redactEvent(event: SpanEvent, redactor: Redactor, around: Place): SpanEvent {
  const spoken = event.name.startsWith('gen_ai.') && event.name !== EVALUATION_RESULT;
  const attributes = redactAttributes(event.attributes, redactor, spoken ? 'agentic' : around);
  const name = redactText(event.name, redactor);
  const same = attributes === event.attributes && name === event.name;
  return same ? event : { ...event, name, attributes };
}

function redactSpanLink(link: SpanLink, redactor: Redactor): SpanLink {
  const attributes = redactAttributes(link.attributes, redactor);
  const traceState = redactNullable(link.traceState, redactor);
  const same = attributes === link.attributes && traceState === link.traceState;
  return same ? link : { ...link, attributes, traceState };
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
  const links = mapChanged(meaning.links, (link) => redactLinkClaim(link, policy));
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
    taskId: redactId(meaning.taskId, redactor),
    executionId: redactId(meaning.executionId, redactor),
    sessionId: redactId(meaning.sessionId, redactor),
    agent: { ...maskMembers(meaning.agent, redactor), id: redactId(meaning.agent.id, redactor) },
    exposures: meaning.exposures.map((exposure) => maskMembers(exposure, redactor)),
    propensities: meaning.propensities && maskKeys(meaning.propensities, redactor),
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
