import type { Scope } from '../model/token';

/** Scopes that include the one: who may change may also report, `admin` may everything. */
const implied: Readonly<Record<Scope, readonly Scope[]>> = {
  ingest: ['ingest', 'write', 'admin'],
  read: ['read', 'admin'],
  write: ['write', 'admin'],
  admin: ['admin'],
};

export function allows(granted: readonly Scope[], needed: Scope): boolean {
  return granted.some((scope) => implied[needed].includes(scope));
}
