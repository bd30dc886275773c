import { nodeCrypto } from '../../node-crypto';
import { emptyAttributes, type AttributeValue, type Attributes } from '../../model/attributes';
import type { Resource, Scope } from '../../model/span';
import { isLabelText, isLongText, type KeyMeaning, meaningOfKey } from './content-keys';
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
  readonly keys: Map<string, KeyRule>;
  readonly extraSecretKeys: ReadonlySet<string>;
  readonly shared: WeakMap<Resource | Scope, Resource | Scope>;
  /** How many values were masked so far. */
  masked: number;
}

/** What to do with an attribute: by its key, and under which key it is kept. */
export interface KeyRule {
  readonly kind: KeyMeaning | 'secret';
  /** The key itself, without its secrets. */
  readonly kept: string;
}

/**
 * Where attributes stand: `agentic` is a span of an agent, a model or a tool, where long text under a
 * key that nobody knows is content; `settings` is a configuration, where a knob called `prompt` names
 * a template.
 */
export type Place = 'span' | 'agentic' | 'settings';

/** One per policy object. */
export function redactorFor(policy: RedactionPolicy): Redactor {
  let redactor = redactors.get(policy);
  if (redactor === undefined) {
    const extraSecretKeys = new Set(policy.extraSecretKeys?.map((key) => key.toLowerCase()));
    redactor = { policy, keys: new Map(), extraSecretKeys, shared: new WeakMap(), masked: 0 };
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
    const { kind, kept } = ruleOf(key, redactor);
    const dropped =
      !redactor.policy.captureContent && typeof value !== 'number' && isContent(value, kind, place);
    const next = dropped
      ? null
      : redactValue(value, kind, redactor, key === 'agent.config' ? 'settings' : place, depth);
    if (kept !== key) redactor.masked++;
    if (!dropped && next === value && kept === key && changed === null) continue;
    changed ??= copyOf(attributes, keys, at);
    if (dropped) changed[`${kept}.length`] = lengthOf(value);
    else changed[kept === key ? key : freeKey(changed, kept)] = next;
  }
  return changed ?? attributes;
}

/** Redacted once per object, so that the spans of a resource or scope keep sharing it. */
export function redactShared<T extends Resource | Scope>(holder: T, redactor: Redactor): T {
  let redacted = redactor.shared.get(holder) as T | undefined;
  if (redacted === undefined) {
    redacted = redactHolder(holder, redactor);
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

/** The same where there is none. */
export function redactNullable<T extends string | null | undefined>(
  text: T,
  redactor: Redactor,
): T {
  return typeof text === 'string' ? (redactText(text, redactor) as T) : text;
}

/**
 * An id whose secret is masked still tells two things apart: a keyed hash of what it was stands
 * behind it, the same wherever the id occurs.
 */
export function redactId<T extends string | null | undefined>(id: T, redactor: Redactor): T {
  if (typeof id !== 'string') return id;
  const masked = redactText(id, redactor);
  if (masked === id) return id;
  const { contentKey } = redactor.policy;
  const hash = nodeCrypto().createHmac('sha256', contentKey).update(id).digest('hex').slice(0, 16);
  return `${masked}-${hash}` as T;
}

/** What stands for a value that a query must not name: no span carries it. */
const UNMATCHED = '[masked in a query]';

/** One `attribute = value` of a query. Masked values are alike, so a query for one would find them all. */
export function redactMatch<T extends { readonly key: string; readonly value: string }>(
  match: T,
  redactor: Redactor,
): T {
  const { kind, kept } = ruleOf(match.key, redactor);
  const hidden = kind === 'secret' || (kind === 'content' && !redactor.policy.captureContent);
  const value =
    hidden || redactText(match.value, redactor) !== match.value ? UNMATCHED : match.value;
  return kept === match.key && value === match.value ? match : { ...match, key: kept, value };
}

const redactors = new WeakMap<RedactionPolicy, Redactor>();

/** Beyond this depth nobody looks, so nothing may pass. */
const MAX_DEPTH = 64;
const TOO_DEEP = '[too deep]';

/** Keys repeat, so a few are looked at once; hostile ones must not fill the memory. */
const MAX_REMEMBERED_KEYS = 4_096;
const MAX_REMEMBERED_KEY_LENGTH = 256;

function ruleOf(key: string, redactor: Redactor): KeyRule {
  const known = redactor.keys.get(key);
  if (known !== undefined) return known;
  const masks = redactor.policy.maskSecrets !== false;
  const kept = masks ? maskText(key) : key;
  const secret = masks && isSecretKey(key, redactor.extraSecretKeys);
  const rule: KeyRule = { kind: secret ? 'secret' : meaningOfKey(key), kept };
  if (key.length > MAX_REMEMBERED_KEY_LENGTH) return rule;
  if (redactor.keys.size >= MAX_REMEMBERED_KEYS) redactor.keys.clear();
  redactor.keys.set(key, rule);
  return rule;
}

/** Numbers and booleans say nothing that was said. */
function isContent(value: AttributeValue, kind: KeyRule['kind'], place: Place): boolean {
  if (place === 'settings') return false;
  switch (kind) {
    case 'content':
      return holdsText(value);
    case 'label':
      return someText(value, (text) => !isLabelText(text));
    case 'unknown':
      return place === 'agentic' && someText(value, isLongText);
    case 'secret':
    case 'known':
      return false;
  }
}

function redactValue(
  value: AttributeValue,
  kind: KeyRule['kind'],
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
  if (isMap(value)) {
    const map = redactAttributes(value.map, redactor, place, depth + 1);
    return map === value.map ? value : { map };
  }
  const { bytes } = value as { readonly bytes?: unknown };
  return typeof bytes === 'string' ? redactBytes(value, bytes, redactor) : value;
}

/** Bytes are often a text: what a secret stands in is masked whole. */
function redactBytes(value: AttributeValue, bytes: string, redactor: Redactor): AttributeValue {
  const text = Buffer.from(bytes, 'base64').toString('latin1');
  return redactText(text, redactor) === text ? value : MASKED;
}

function redactHolder<T extends Resource | Scope>(holder: T, redactor: Redactor): T {
  const attributes = redactAttributes(holder.attributes, redactor);
  const schemaUrl = redactNullable(holder.schemaUrl, redactor);
  const same = attributes === holder.attributes && schemaUrl === holder.schemaUrl;
  if (!('name' in holder)) return same ? holder : { ...holder, attributes, schemaUrl };
  const name = redactText(holder.name, redactor);
  const version = redactNullable(holder.version, redactor);
  return same && name === holder.name && version === holder.version
    ? holder
    : { ...holder, attributes, schemaUrl, name, version };
}

function copyOf(
  attributes: Attributes,
  keys: readonly string[],
  end: number,
): Record<string, AttributeValue> {
  const copy = emptyAttributes();
  for (let at = 0; at < end; at++) {
    const key = keys[at] as string;
    copy[key] = attributes[key] as AttributeValue;
  }
  return copy;
}

/** Two keys may be alike once their secrets are gone. */
function freeKey(holder: Readonly<Record<string, unknown>>, key: string): string {
  let free = key;
  for (let n = 2; free in holder; n++) free = `${key}#${n}`;
  return free;
}

function holdsText(value: AttributeValue): boolean {
  if (typeof value === 'string') return true;
  if (typeof value !== 'object' || value === null) return false;
  return isList(value) || isMap(value) || 'bytes' in value;
}

/** Of a text, of bytes, or of the items of a list; the members of a map are looked at by their keys. */
function someText(value: AttributeValue, holds: (text: string) => boolean): boolean {
  if (typeof value === 'string') return holds(value);
  if (typeof value !== 'object' || value === null) return false;
  if (isList(value) && value.every(isText)) return value.some(holds);
  return textsOf(value).some(holds);
}

function lengthOf(value: AttributeValue): number {
  let length = 0;
  for (const text of textsOf(value, true)) length += text.length;
  return length;
}

/** Without recursion: the depth is the sender's choice. */
function textsOf(value: AttributeValue, ofMaps = false): readonly string[] {
  const texts: string[] = [];
  const pending: AttributeValue[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === 'string') texts.push(next);
    else if (typeof next !== 'object' || next === null) continue;
    else if (isList(next)) for (const item of next) pending.push(item);
    else if ('bytes' in next) texts.push(String(next.bytes));
    else if (ofMaps && isMap(next)) for (const item of Object.values(next.map)) pending.push(item);
  }
  return texts;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isMap(value: object): value is { readonly map: Attributes } {
  const { map } = value as { readonly map?: unknown };
  return typeof map === 'object' && map !== null;
}

function isList(value: unknown): value is readonly AttributeValue[] {
  return Array.isArray(value);
}
