import { NotFoundError } from '../../../src/errors';
import type { StoredToken } from '../../../src/model/token';
import type { StoreHarness } from './harness';

/** Keys to the API. */
export function tokenContract(harness: StoreHarness): void {
  const token: StoredToken = {
    id: '0123456789ab',
    secretHash: 'ab'.repeat(32),
    name: 'the collector’s',
    scopes: ['ingest', 'read'],
    createdAtUnixNano: 1_700_000_000_000_000_001n,
    expiresAtUnixNano: 1_800_000_000_000_000_003n,
    revokedAtUnixNano: null,
  };
  const other: StoredToken = {
    ...token,
    id: 'ba9876543210',
    name: null,
    scopes: ['admin'],
    createdAtUnixNano: 1_700_000_000_000_000_002n,
    expiresAtUnixNano: null,
  };

  it('come back as they were stored, to the nanosecond, the latest first', async () => {
    const store = await harness.open();
    await store.addToken(token);
    await store.addToken(other);
    expect(await store.getToken(token.id)).toEqual(token);
    expect(await store.getToken('nobody')).toBeNull();
    expect(await store.listTokens()).toEqual([other, token]);
  });

  it('are revoked once, and stay in the list', async () => {
    const store = await harness.open();
    await store.addToken(token);
    await store.addToken(other);
    await store.revokeToken(token.id, 1_750_000_000_000_000_001n);
    await store.revokeToken(token.id, 1_760_000_000_000_000_001n);
    const revoked = { ...token, revokedAtUnixNano: 1_750_000_000_000_000_001n };
    expect(await store.listTokens()).toEqual([other, revoked]);
  });

  it('that are not there cannot be revoked', async () => {
    const store = await harness.open();
    await expect(store.revokeToken('nobody', 1n)).rejects.toThrow(NotFoundError);
  });

  it('are seen by another process at once', async () => {
    const url = harness.newUrl();
    const serving = await harness.openAt(url);
    const administering = await harness.openAt(url);
    await administering.addToken(token);
    expect(await serving.getToken(token.id)).toEqual(token);
    await administering.revokeToken(token.id, 5n);
    expect(await serving.getToken(token.id)).toMatchObject({ revokedAtUnixNano: 5n });
  });
}
