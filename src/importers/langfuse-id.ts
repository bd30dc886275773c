import { hashHex, hexId } from './ids';

/** A Langfuse id that came from OpenTelemetry stands; any other (a UUID, a word) is hashed. */
export function langfuseId(id: string, digits: 16 | 32): string {
  return isOtelId(id, digits) ? id.toLowerCase() : hashHex(digits, 'langfuse', id);
}

export function isOtelId(id: string, digits: 16 | 32): boolean {
  return id.length === digits && hexId(id, digits) !== null;
}
