import { z } from 'zod';
import type { TokenScope, StoredToken } from '../model/token';
import { formatInstant } from './instant';
import { instantSchema } from './scalars';

export const scopes = ['ingest', 'read', 'write', 'admin'] as const satisfies readonly TokenScope[];

const scopeSchema = z.enum(scopes).meta({
  id: 'TokenScope',
  description:
    'Report runs and judgements · see them · change and learn (and report) · everything.',
});

export const tokenSchema = z
  .object({
    id: z.string().meta({ description: 'Names the token; no secret.' }),
    name: z.string().nullable(),
    scopes: z.array(scopeSchema),
    created_at: instantSchema,
    expires_at: instantSchema.nullable().meta({ description: '`null`: never.' }),
    revoked_at: instantSchema.nullable(),
  })
  .meta({ id: 'Token', description: 'A key to the API, without its secret.' });

export type TokenJson = z.infer<typeof tokenSchema>;

export const tokenListSchema = z.object({ items: z.array(tokenSchema) }).meta({ id: 'TokenList' });

/** What `token create` answers, and nobody after it. */
export const issuedTokenSchema = tokenSchema
  .extend({ secret: z.string().meta({ description: 'Send it as `Authorization: Bearer …`.' }) })
  .meta({ id: 'IssuedToken', description: 'A new key to the API, with its secret.' });

export type IssuedTokenJson = z.infer<typeof issuedTokenSchema>;

export function tokenToWire(token: StoredToken): TokenJson {
  const time = (unixNano: bigint | null): string | null =>
    unixNano === null ? null : formatInstant(unixNano);
  return {
    id: token.id,
    name: token.name,
    scopes: [...token.scopes],
    created_at: formatInstant(token.createdAtUnixNano),
    expires_at: time(token.expiresAtUnixNano),
    revoked_at: time(token.revokedAtUnixNano),
  };
}
