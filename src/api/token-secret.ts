import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { StoredToken } from '../model/token';

/**
 * A new token, `evo_<id>_<secret>`: the id finds its row, the 256 random bits of the secret need no slow hash, and
 * the prefix lets scanners for secrets know one.
 */
export function mintToken(): Pick<StoredToken, 'id' | 'secretHash'> & { readonly secret: string } {
  const id = randomBytes(6).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { id, secretHash: digest(secret).toString('hex'), secret: `evo_${id}_${secret}` };
}

/** Id and secret of what was sent; `null` for what is no token of ours. */
export function readToken(sent: string): { readonly id: string; readonly secret: string } | null {
  const parts = /^evo_([0-9a-f]{12})_([\w-]{43})$/.exec(sent);
  return parts === null ? null : { id: parts[1]!, secret: parts[2]! };
}

/** In the same time whether it is right, wrong or there is no such token. */
export function isSecretOf(secret: string, token: StoredToken | null): boolean {
  const expected = Buffer.from(token?.secretHash ?? '0'.repeat(64), 'hex');
  return timingSafeEqual(digest(secret), expected) && token !== null;
}

export function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
