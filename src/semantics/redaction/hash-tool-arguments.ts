import { nodeCrypto } from '../../node-crypto';
import type { AttributeValue, Attributes } from '../../model/attributes';
import { parseJson } from '../attribute-value';
import { toolArgumentKeys, toolArgumentPrefix } from './content-tables';

/**
 * HMAC-SHA-256 of a tool call's arguments under the store's key, the first 32 hex digits; `null`
 * where the span has none. JSON is hashed in canonical form, so that neither the order of members
 * nor white space makes one call look like two.
 */
export function hashToolArguments(attributes: Attributes, key: Uint8Array): string | null {
  const value = argumentsOf(attributes);
  if (value === null) return null;
  return nodeCrypto()
    .createHmac('sha256', key)
    .update(canonicalText(value))
    .digest('hex')
    .slice(0, 32);
}

function argumentsOf(attributes: Attributes): AttributeValue | null {
  for (const name of toolArgumentKeys) {
    const value = attributes[name];
    if (value !== undefined && value !== null) return value;
  }
  const single = Object.keys(attributes).filter((name) => name.startsWith(toolArgumentPrefix));
  if (single.length === 0) return null;
  const map = Object.create(null) as Record<string, AttributeValue>;
  for (const name of single) {
    map[name.slice(toolArgumentPrefix.length)] = attributes[name] ?? null;
  }
  return { map };
}

function canonicalText(value: AttributeValue): string {
  const parsed = typeof value === 'string' ? parseJson(value) : value;
  if (parsed === undefined) return value as string;
  return writeSorted(parsed, 0) ?? (typeof value === 'string' ? value : 'too deep');
}

const MAX_DEPTH = 64;

/** JSON with sorted keys; a canonical map reads as the object it stands for. `null` when too deep. */
function writeSorted(value: unknown, depth: number): string | null {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (depth > MAX_DEPTH) return null;
  if (Array.isArray(value)) {
    const items = value.map((item) => writeSorted(item, depth + 1));
    return items.includes(null) ? null : `[${items.join(',')}]`;
  }
  const members = value as Record<string, unknown>;
  const { map } = members;
  if (Object.keys(members).length === 1 && typeof map === 'object' && map !== null) {
    return writeSorted(map, depth + 1);
  }
  const written: string[] = [];
  for (const key of Object.keys(members).sort()) {
    const text = writeSorted(members[key], depth + 1);
    if (text === null) return null;
    written.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${written.join(',')}}`;
}
