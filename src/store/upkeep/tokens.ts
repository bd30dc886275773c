import { NotFoundError } from '../../errors';
import type { TokenScope, StoredToken } from '../../model/token';
import type { Session } from '../database/database';
import { int64Text, uint64 } from '../schema/json-values';
import { insertRows } from '../schema/table';
import { cleanText } from '../schema/text';
import { tokenTable } from '../schema/book-tables';

export async function addToken(session: Session, token: StoredToken): Promise<void> {
  const { expiresAtUnixNano: expires, revokedAtUnixNano: revoked } = token;
  const row = {
    id: token.id,
    secret_hash: token.secretHash,
    name: token.name === null ? null : cleanText(token.name),
    scopes: JSON.stringify(token.scopes),
    created_at: int64Text(token.createdAtUnixNano),
    expires_at: expires === null ? null : int64Text(expires),
    revoked_at: revoked === null ? null : int64Text(revoked),
  };
  await insertRows(session, tokenTable, [row], { returning: 'id' });
}

export async function getToken(session: Session, id: string): Promise<StoredToken | null> {
  const [row] = await session.all<TokenRow>(`${select(session)} WHERE t.id = ?`, [cleanText(id)]);
  return row === undefined ? null : toToken(row);
}

export async function listTokens(session: Session): Promise<readonly StoredToken[]> {
  const rows = await session.all<TokenRow>(`${select(session)} ORDER BY t.created_at DESC, t.id`);
  return rows.map(toToken);
}

/** Who was revoked stays so since the first time. */
export async function revokeToken(
  session: Session,
  id: string,
  nowUnixNano: bigint,
): Promise<void> {
  const changed = await session.run(
    `UPDATE tokens SET revoked_at = coalesce(revoked_at, CAST(? AS bigint)) WHERE id = ?`,
    [int64Text(nowUnixNano), cleanText(id)],
  );
  if (changed > 0) return;
  throw new NotFoundError(`There is no token ${JSON.stringify(id)}.`, {
    hint: 'otel-evolution token list shows their ids.',
  });
}

interface TokenRow {
  readonly id: string;
  readonly secret_hash: string;
  readonly name: string | null;
  readonly scopes: string;
  readonly created: string;
  readonly expires: string | null;
  readonly revoked: string | null;
}

function select({ dialect: { asText } }: Session): string {
  return (
    `SELECT t.id, t.secret_hash, t.name, t.scopes, ${asText('t.created_at')} AS created, ` +
    `${asText('t.expires_at')} AS expires, ${asText('t.revoked_at')} AS revoked FROM tokens AS t`
  );
}

function toToken(row: TokenRow): StoredToken {
  const time = (text: string | null): bigint | null => (text === null ? null : uint64(text));
  return {
    id: row.id,
    secretHash: row.secret_hash,
    name: row.name,
    scopes: JSON.parse(row.scopes) as TokenScope[],
    createdAtUnixNano: uint64(row.created),
    expiresAtUnixNano: time(row.expires),
    revokedAtUnixNano: time(row.revoked),
  };
}
