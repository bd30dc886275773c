import type { RewardClaim, RewardTarget } from '../../model/reward';
import { mapChanged } from './map-changed';
import {
  redactId,
  type RedactionPolicy,
  type Redactor,
  redactMatch,
  redactNullable,
  redactorFor,
  redactText,
} from './redactor';

/** A judgement without secrets: what the judge wrote, its name and dimensions, who judged, what is judged. */
export function redactReward(claim: RewardClaim, policy: RedactionPolicy): RewardClaim {
  const redactor = redactorFor(policy);
  const maskedBefore = redactor.masked;
  const redacted: RewardClaim = {
    ...claim,
    id: redactId(claim.id, redactor),
    target: redactTarget(claim.target, redactor),
    name: redactText(claim.name, redactor),
    dimensions: maskKeys(claim.dimensions, redactor),
    feedback: redactNullable(claim.feedback, redactor),
    label: redactNullable(claim.label, redactor),
    evaluator: redactNullable(claim.evaluator, redactor),
    supersedes: redactId(claim.supersedes, redactor),
  };
  return redactor.masked === maskedBefore && redacted.target === claim.target ? claim : redacted;
}

/** The same object where no key holds a secret. */
export function maskKeys<T>(
  holder: Readonly<Record<string, T>>,
  redactor: Redactor,
): Readonly<Record<string, T>> {
  const keys = Object.keys(holder);
  if (keys.every((key) => redactText(key, redactor) === key)) return holder;
  const masked = Object.create(null) as Record<string, T>;
  for (const key of keys) masked[redactId(key, redactor)] = holder[key] as T;
  return masked;
}

function redactTarget(target: RewardTarget, redactor: Redactor): RewardTarget {
  switch (target.kind) {
    case 'execution':
      return withId(target, 'executionId', redactor);
    case 'task':
      return withId(target, 'taskId', redactor);
    case 'session':
      return withId(target, 'sessionId', redactor);
    case 'query': {
      const matches = mapChanged(target.matches, (match) => redactMatch(match, redactor));
      return matches === target.matches ? target : { ...target, matches };
    }
    case 'span':
    case 'trace':
      return target;
  }
}

function withId<K extends string, T extends Readonly<Record<K, string>>>(
  target: T,
  name: K,
  redactor: Redactor,
): T {
  const id = redactId<string>(target[name], redactor);
  return id === target[name] ? target : { ...target, [name]: id };
}
