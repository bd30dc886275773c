import { nodeCrypto } from '../node-crypto';
import { InputError } from '../errors';
import type { ConfigurationDifference, ConfigurationVersion } from '../model/adaptation';
import type { AttributeValue } from '../model/attributes';

/**
 * The immutable version that a configuration is. Key order does not matter: the id is the SHA-256 of the JSON
 * with sorted keys.
 *
 * @throws InputError for a configuration that has no JSON (a cycle, a function) or is over 1 MB.
 */
export function configurationVersion(
  config: Readonly<Record<string, AttributeValue>>,
  by: Pick<ConfigurationVersion, 'label' | 'actor' | 'createdAtUnixNano' | 'parentId'>,
): ConfigurationVersion {
  const text = canonicalJson(config, 0);
  if (text.length > 1_000_000) {
    throw new InputError(
      `configuration must be at most 1 MB of JSON, got ${text.length} characters.`,
    );
  }
  return { id: nodeCrypto().createHash('sha256').update(text).digest('hex'), config, ...by };
}

/** Settings that differ, by key; `undefined` where one side has none. */
export function compareConfigurations(
  before: Readonly<Record<string, AttributeValue>>,
  after: Readonly<Record<string, AttributeValue>>,
): ConfigurationDifference[] {
  const own = (config: typeof before, key: string): AttributeValue | undefined =>
    Object.hasOwn(config, key) ? config[key] : undefined;
  const text = (value: AttributeValue | undefined): string | null =>
    value === undefined ? null : canonicalJson(value, 0);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .map((key) => ({ key, before: own(before, key), after: own(after, key) }))
    .filter((one) => text(one.before) !== text(one.after));
}

function canonicalJson(value: unknown, depth: number): string {
  if (depth > 100) throw new InputError('configuration must be at most 100 levels deep.');
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item, depth + 1)}`);
    return `{${members.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new InputError(`configuration must be JSON, got ${value}.`);
  }
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined)
    throw new InputError(`configuration must be JSON, got a ${typeof value}.`);
  return text;
}
