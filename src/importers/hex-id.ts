/** An id as 32 or 16 lower-case hex digits, leading zeros added; `null` where it is none. */
export function hexId(value: unknown, digits: 16 | 32): string | null {
  if (typeof value !== 'string' || value.length > digits || !/^[0-9a-f]+$/i.test(value))
    return null;
  const id = value.toLowerCase().padStart(digits, '0');
  return /[^0]/.test(id) ? id : null;
}
