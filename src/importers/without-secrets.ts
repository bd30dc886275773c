import { asObject } from './json-value';

const secretKey =
  /(^|[_-])(api[_-]?key|access[_-]?key|private[_-]?key|secret|password|passwd|authorization|credentials?|cookie|token)$/;

/** A setting without its keys, tokens and passwords, at any depth; `max_tokens` is none of these. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  const object = asObject(value);
  if (object === null) return value;
  return Object.fromEntries(
    Object.entries(object)
      .filter(([key]) => !secretKey.test(snakeCase(key)))
      .map(([key, entry]) => [key, withoutSecrets(entry)]),
  );
}

function snakeCase(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
