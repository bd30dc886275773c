import type { AttributeValue, Attributes } from '../../model/attributes';
import type { Resource, Scope } from '../../model/span';
import { isContentKey, messageKeys } from './content-keys';
import { MASKED, maskText } from './mask-text';
import { isSecretKey } from './secret-keys';

export interface RedactionPolicy {
  /** Keep prompts, answers, tool arguments and results. @defaultValue false */
  readonly captureContent: boolean;
  /** Key of the argument HMAC, 32 bytes: the store's `contentKey()`. */
  readonly contentKey: Uint8Array;
  /** Mask passwords, tokens and keys. @defaultValue true */
  readonly maskSecrets?: boolean | undefined;
  /** Further attribute keys whose values are secrets, whole keys, in any case. */
  readonly extraSecretKeys?: readonly string[] | undefined;
}

/** A policy with what it has learnt about keys and resources. */
export interface Redactor {
  readonly policy: RedactionPolicy;
  readonly keyKinds: Map<string, KeyKind>;
  readonly extraSecretKeys: ReadonlySet<string>;
  readonly shared: WeakMap<Resource | Scope, Resource | Scope>;
  /** How many values were masked so far. */
  masked: number;
}

type KeyKind = 'plain' | 'content' | 'secret';

/**
 * Where attributes stand: `message` is a `gen_ai.*` span event, whose plain keys hold messages;
 * `settings` is a configuration, where a knob called `prompt` names a template.
 */
export type Place = 'span' | 'message' | 'settings';

/** One per policy object. */
export function redactorFor(policy: RedactionPolicy): Redactor {
  let redactor = redactors.get(policy);
  if (redactor === undefined) {
    const extraSecretKeys = new Set(policy.extraSecretKeys?.map((key) => key.toLowerCase()));
    redactor = { policy, keyKinds: new Map(), extraSecretKeys, shared: new WeakMap(), masked: 0 };
    redactors.set(policy, redactor);
  }
  return redactor;
}

/**
 * The same object where nothing changes. A dropped value leaves `<key>.length` behind: the UTF-16
 * code units of its text, or of all texts in its list or map.
 */
export function redactAttributes(
  attributes: Attributes,
  redactor: Redactor,
  place: Place = 'span',
  depth = 0,
): Attributes {
  let changed: Record<string, AttributeValue> | null = null;
  const keys = Object.keys(attributes);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at] as string;
    const value = attributes[key] as AttributeValue;
    const kind = kindIn(place, key, redactor);
    const dropped = kind === 'content' && !redactor.policy.captureContent && holdsText(value);
    const kept = dropped
      ? null
      : redactValue(value, kind, redactor, key === 'agent.config' ? 'settings' : place, depth);
    if (!dropped && kept === value && changed === null) continue;
    changed ??= copyOf(attributes, keys, at);
    if (dropped) changed[`${key}.length`] = lengthOf(value);
    else changed[key] = kept;
  }
  return changed ?? attributes;
}

/** Redacted once per object, so that the spans of a resource or scope keep sharing it. */
export function redactShared<T extends Resource | Scope>(holder: T, redactor: Redactor): T {
  let redacted = redactor.shared.get(holder) as T | undefined;
  if (redacted === undefined) {
    const attributes = redactAttributes(holder.attributes, redactor);
    redacted = attributes === holder.attributes ? holder : { ...holder, attributes };
    redactor.shared.set(holder, redacted);
  }
  return redacted;
}

/** Masked where the policy masks. */
export function redactText(text: string, redactor: Redactor): string {
  if (redactor.policy.maskSecrets === false) return text;
  const masked = maskText(text);
  if (masked !== text) redactor.masked++;
  return masked;
}

const redactors = new WeakMap<RedactionPolicy, Redactor>();

/** Beyond this depth nobody looks, so nothing may pass. */
const MAX_DEPTH = 64;
const TOO_DEEP = '[too deep]';

/** Keys repeat, so a few are looked at once; hostile ones must not fill the memory. */
const MAX_REMEMBERED_KEYS = 4_096;
const MAX_REMEMBERED_KEY_LENGTH = 256;

function kindIn(place: Place, key: string, redactor: Redactor): KeyKind {
  if (place === 'message' && messageKeys.has(key)) return 'content';
  const kind = kindOf(key, redactor);
  return place === 'settings' && kind === 'content' ? 'plain' : kind;
}

function kindOf(key: string, redactor: Redactor): KeyKind {
  const known = redactor.keyKinds.get(key);
  if (known !== undefined) return known;
  const secret =
    redactor.policy.maskSecrets !== false && isSecretKey(key, redactor.extraSecretKeys);
  const kind = secret ? 'secret' : isContentKey(key) ? 'content' : 'plain';
  if (key.length > MAX_REMEMBERED_KEY_LENGTH) return kind;
  if (redactor.keyKinds.size >= MAX_REMEMBERED_KEYS) redactor.keyKinds.clear();
  redactor.keyKinds.set(key, kind);
  return kind;
}

function redactValue(
  value: AttributeValue,
  kind: KeyKind,
  redactor: Redactor,
  place: Place,
  depth: number,
): AttributeValue {
  if (kind === 'secret' && holdsText(value)) {
    redactor.masked++;
    return MASKED;
  }
  if (typeof value === 'string') return redactText(value, redactor);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return TOO_DEEP;
  if (isList(value)) {
    let changed = false;
    const items = value.map((item) => {
      const redacted = redactValue(item, kind, redactor, place, depth + 1);
      changed ||= redacted !== item;
      return redacted;
    });
    return changed ? items : value;
  }
  if (!isMap(value)) return value;
  const map = redactAttributes(value.map, redactor, place, depth + 1);
  return map === value.map ? value : { map };
}

function copyOf(
  attributes: Attributes,
  keys: readonly string[],
  end: number,
): Record<string, AttributeValue> {
  const copy = Object.create(null) as Record<string, AttributeValue>;
  for (let at = 0; at < end; at++) {
    const key = keys[at] as string;
    copy[key] = attributes[key] as AttributeValue;
  }
  return copy;
}

/** Numbers and booleans say nothing that was said. */
function holdsText(value: AttributeValue): boolean {
  if (typeof value === 'string') return true;
  if (typeof value !== 'object' || value === null) return false;
  return isList(value) || isMap(value) || 'bytes' in value;
}

/** Without recursion: the depth is the sender's choice. */
function lengthOf(value: AttributeValue): number {
  let length = 0;
  const pending: AttributeValue[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === 'string') length += next.length;
    else if (typeof next !== 'object' || next === null) continue;
    else if (isList(next)) for (const item of next) pending.push(item);
    else if (isMap(next)) for (const item of Object.values(next.map)) pending.push(item);
    else if ('bytes' in next) length += String(next.bytes).length;
  }
  return length;
}

function isMap(value: object): value is { readonly map: Attributes } {
  const { map } = value as { readonly map?: unknown };
  return typeof map === 'object' && map !== null;
}

function isList(value: object): value is readonly AttributeValue[] {
  return Array.isArray(value);
}
