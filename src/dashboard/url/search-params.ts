/** Search parameters as they come: whatever somebody typed into the address bar. */
export type RawSearch = Record<string, unknown>;

export function readText(raw: RawSearch, key: string): string | undefined {
  const value = raw[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function readOneOf<const T extends string>(
  raw: RawSearch,
  key: string,
  allowed: readonly T[],
): T | undefined {
  return allowed.find((candidate) => candidate === raw[key]);
}

/** A finite number within the bounds. */
export function readNumber(
  raw: RawSearch,
  key: string,
  least: number,
  most: number,
): number | undefined {
  const text = readText(raw, key) ?? raw[key];
  const value = typeof text === 'string' || typeof text === 'number' ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

/** Ids are hex: lower case, so many digits. */
export function readId(raw: RawSearch, key: string, digits: 16 | 32): string | undefined {
  const value = readText(raw, key);
  return value !== undefined && new RegExp(`^[0-9a-f]{${digits}}$`).test(value) ? value : undefined;
}

/** `a,b`: commas are never part of what is listed so. */
export function readList(raw: RawSearch, key: string): readonly string[] {
  return (readText(raw, key) ?? '').split(',').filter(Boolean);
}

/** `?a=1&b=x` with every value a string: an id of digits only must not become a number. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** Leaves out what is not set. */
export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    const text = Array.isArray(value) ? value.join(',') : value;
    if (typeof text === 'string' || typeof text === 'number') {
      if (text !== '') params.set(key, String(text));
    } else if (text === true) params.set(key, '1');
  }
  // Readable in the address bar: these need no escape in a query.
  const query = params.toString().replace(/%2C/g, ',').replace(/%3A/g, ':').replace(/%2F/g, '/');
  return query === '' ? '' : `?${query}`;
}
