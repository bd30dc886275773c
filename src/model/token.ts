/** What a caller may do: report runs and judgements · see them · change and learn (and report) · everything. */
export type TokenScope = 'ingest' | 'read' | 'write' | 'admin';

/** A key to the API as it is stored: its secret only as a hash. */
export interface StoredToken {
  /** Public part, 12 hex digits: names the token in lists and logs. */
  readonly id: string;
  /** SHA-256 of the secret, hex. */
  readonly secretHash: string;
  readonly name: string | null;
  readonly scopes: readonly TokenScope[];
  readonly createdAtUnixNano: bigint;
  /** `null`: never. */
  readonly expiresAtUnixNano: bigint | null;
  readonly revokedAtUnixNano: bigint | null;
}

/** Where tokens are kept. */
export interface TokenBook {
  addToken(token: StoredToken): Promise<void>;
  getToken(id: string): Promise<StoredToken | null>;
  /** The latest first. */
  listTokens(): Promise<readonly StoredToken[]>;
  /** Stays in the list. @throws NotFoundError */
  revokeToken(id: string, nowUnixNano: bigint): Promise<void>;
}
