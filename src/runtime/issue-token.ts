import { mintToken } from '../api';
import type { TokenScope, StoredToken } from '../model/token';
import type { Evolution } from './evolution';
import { systemClock } from './system-clock';

export interface TokenRequest {
  readonly scopes: readonly TokenScope[];
  /** What it is for. @defaultValue none */
  readonly name?: string | undefined;
  /** @defaultValue it never expires */
  readonly lifetimeMillis?: number | undefined;
}

export interface IssuedToken {
  readonly token: StoredToken;
  /** To be sent as `Authorization: Bearer …`; stored nowhere. */
  readonly secret: string;
}

export async function issueToken(
  { store }: Pick<Evolution, 'store'>,
  { scopes, name, lifetimeMillis }: TokenRequest,
): Promise<IssuedToken> {
  const now = systemClock.nowUnixNano();
  const { secret, ...minted } = mintToken();
  const token: StoredToken = {
    ...minted,
    name: name ?? null,
    scopes: [...new Set(scopes)],
    createdAtUnixNano: now,
    expiresAtUnixNano:
      lifetimeMillis === undefined ? null : now + BigInt(lifetimeMillis) * 1_000_000n,
    revokedAtUnixNano: null,
  };
  await store.addToken(token);
  return { token, secret };
}

export async function revokeToken(
  { store }: Pick<Evolution, 'store'>,
  id: string,
): Promise<StoredToken> {
  await store.revokeToken(id, systemClock.nowUnixNano());
  return (await store.getToken(id))!;
}
