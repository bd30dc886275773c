import { createHash } from 'node:crypto';

/** First `length` hex digits of SHA-256: the same parts give the same id in every import. */
export function hashHex(length: number, ...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex').slice(0, length);
}

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
}

/** An id as 32 or 16 lower-case hex digits, leading zeros added; `null` where it is none. */
export function hexId(value: unknown, digits: 16 | 32): string | null {
  if (typeof value !== 'string' || value.length > digits || !/^[0-9a-f]+$/i.test(value))
    return null;
  const id = value.toLowerCase().padStart(digits, '0');
  return /[^0]/.test(id) ? id : null;
}
