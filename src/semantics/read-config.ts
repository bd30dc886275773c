import type { AttributeValue, Attributes } from '../model/attributes';
import { numberOf, parseJson } from './attribute-value';
import type { Findings } from './read-concepts';

/**
 * The settings an agent ran with, flat: the members of `agent.config` (JSON text or a map; nested
 * objects by dotted names), over them the knobs of `evolution.config.*`.
 */
export function readConfig(attributes: Attributes, findings: Findings): Attributes | null {
  const knobs = findings.familyKeys?.get('config');
  if (findings.agentConfig === null && knobs === undefined) return null;
  const config = Object.create(null) as Record<string, AttributeValue>;
  if (findings.agentConfig !== null) flattenInto(config, findings.agentConfig);
  for (const key of knobs ?? []) {
    const value = attributes[key];
    if (value !== undefined) config[key.slice('evolution.config.'.length)] = value;
  }
  return Object.keys(config).length === 0 ? null : config;
}

/** Probability 0..1 with which each knob's value was drawn. */
export function readPropensities(
  attributes: Attributes,
  findings: Findings,
): Readonly<Record<string, number>> | null {
  const keys = findings.familyKeys?.get('propensity');
  if (keys === undefined) return null;
  const propensities = Object.create(null) as Record<string, number>;
  for (const key of keys) {
    const probability = numberOf(attributes[key]);
    if (probability === null || !(probability > 0 && probability <= 1)) continue;
    propensities[key.slice('evolution.propensity.'.length)] = probability;
  }
  return Object.keys(propensities).length === 0 ? null : propensities;
}

/** More members than this are not settings. */
const MAX_MEMBERS = 256;

type Members = Readonly<Record<string, unknown>>;

/** Without recursion: the depth of the input is not ours to choose. */
function flattenInto(config: Record<string, AttributeValue>, source: AttributeValue): void {
  const isJson = typeof source === 'string';
  const membersOf = isJson ? membersOfJson : membersOfCanonical;
  const root = membersOf(isJson ? parseJson(source) : source);
  const pending: (readonly [string, Members])[] = root === null ? [] : [['', root]];
  let count = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [path, members] = next;
    for (const key of Object.keys(members)) {
      if (++count > MAX_MEMBERS) return;
      const value = members[key];
      const nested = membersOf(value);
      if (nested !== null) pending.push([`${path}${key}.`, nested]);
      else config[path + key] = isJson ? canonicalLeaf(value) : (value as AttributeValue);
    }
  }
}

function membersOfJson(value: unknown): Members | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Members)
    : null;
}

function membersOfCanonical(value: unknown): Members | null {
  return membersOfJson((membersOfJson(value) ?? {}).map);
}

function canonicalLeaf(value: unknown): AttributeValue {
  if (typeof value === 'number') return canonicalNumber(value);
  if (Array.isArray(value)) return value.map((item) => canonicalItem(item));
  return value as string | boolean | null;
}

/** What a list holds beyond scalars is no setting that could be compared; its kind stays visible. */
function canonicalItem(item: unknown): AttributeValue {
  if (typeof item === 'object' && item !== null) return Array.isArray(item) ? '[list]' : '[object]';
  return canonicalLeaf(item);
}

function canonicalNumber(value: number): AttributeValue {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? { double: '-0' } : value;
  if (Number.isFinite(value)) return Number.isInteger(value) ? { double: value } : value;
  return { double: value > 0 ? 'Infinity' : '-Infinity' };
}
