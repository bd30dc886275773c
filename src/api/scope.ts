import type { TokenScope } from '../model/token';

/** Scopes that include the one: who may change may also report, `admin` may everything. */
const implied: Readonly<Record<TokenScope, readonly TokenScope[]>> = {
  ingest: ['ingest', 'write', 'admin'],
  read: ['read', 'admin'],
  write: ['write', 'admin'],
  admin: ['admin'],
};

export function allows(granted: readonly TokenScope[], needed: TokenScope): boolean {
  return granted.some((scope) => implied[needed].includes(scope));
}
