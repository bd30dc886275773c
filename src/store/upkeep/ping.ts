import { StoreUnavailableError } from '../../errors';
import type { Session } from '../database/database';

/** Key of the argument HMAC, 32 bytes. */
export async function readContentKey(session: Session): Promise<Uint8Array> {
  const value = await readSetting(session, 'content_key');
  if (value === undefined)
    throw new StoreUnavailableError('The database has lost its content key.');
  return new Uint8Array(Buffer.from(value, 'base64'));
}

/** Writes one row and reads it back. */
export async function ping(session: Session, nowUnixNano: bigint): Promise<void> {
  const written = String(nowUnixNano);
  await session.run(
    `INSERT INTO settings (name, value) VALUES ('ping', ?) ` +
      `ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [written],
  );
  if ((await readSetting(session, 'ping')) !== written) {
    throw new StoreUnavailableError('The database does not give back what was written.');
  }
}

async function readSetting(session: Session, name: string): Promise<string | undefined> {
  const [row] = await session.all<{ value: string }>('SELECT value FROM settings WHERE name = ?', [
    name,
  ]);
  return row?.value;
}
