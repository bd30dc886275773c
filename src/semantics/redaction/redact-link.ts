import type { LinkClaim, LinkTarget } from '../../model/reward';
import { mapChanged } from './map-changed';
import {
  redactAttributes,
  type RedactionPolicy,
  type Redactor,
  redactMatch,
  redactorFor,
  redactText,
} from './redactor';

/** A link without secrets and content: its type, its target by query, its attributes and its tags. */
export function redactLinkClaim(link: LinkClaim, policy: RedactionPolicy): LinkClaim {
  const redactor = redactorFor(policy);
  const target = redactLinkTarget(link.target, redactor);
  const type = redactText(link.type, redactor);
  const attributes = redactAttributes(link.attributes, redactor);
  const tags = mapChanged(link.tags, (tag) => redactText(tag, redactor));
  const same =
    target === link.target &&
    type === link.type &&
    attributes === link.attributes &&
    tags === link.tags;
  return same ? link : { target, type, attributes, tags };
}

function redactLinkTarget(target: LinkTarget, redactor: Redactor): LinkTarget {
  if (target.kind !== 'query') return target;
  const matches = mapChanged(target.matches, (match) => redactMatch(match, redactor));
  return matches === target.matches ? target : { ...target, matches };
}
