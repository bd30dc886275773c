import type { RewardSource } from '../../model/reward';
import type { Database, Session } from '../database/database';
import type { DeriveSettings } from '../derive/outcome';

/** Settings that all processes share, since they decide what is derived. */
export interface SharedSettings extends DeriveSettings {
  /** Of the reading of spans (roles, prices, thresholds, redaction) that is in force. */
  readonly meaningVersion: number;
}

/** Stores what a new database is derived with; in one that has settings, those stay. */
export async function introduceSettings(
  session: Session,
  { successThreshold, sourceOrder }: DeriveSettings,
): Promise<void> {
  for (const [name, value] of [
    ['success_threshold', String(successThreshold)],
    ['source_order', JSON.stringify(sourceOrder)],
    ['meaning_version', '1'],
  ] as const) {
    await session.run('INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING', [
      name,
      value,
    ]);
  }
}

async function readSettings(session: Session): Promise<SharedSettings> {
  const rows = await session.all<{ name: string; value: string }>(
    `SELECT name, value FROM settings WHERE name IN ('success_threshold', 'source_order', 'meaning_version')`,
  );
  const values = new Map(rows.map(({ name, value }) => [name, value]));
  return {
    successThreshold: Number(values.get('success_threshold')),
    sourceOrder: JSON.parse(values.get('source_order')!) as RewardSource[],
    meaningVersion: Number(values.get('meaning_version')),
  };
}

/** The settings, read anew now and then, since another process may change them. */
export function createSettingsReader(database: Database): {
  read(): Promise<SharedSettings>;
  forget(): void;
} {
  let known: { readonly settings: SharedSettings; readonly at: number } | null = null;
  return {
    async read() {
      const now = performance.now();
      if (known && now - known.at < freshMillis) return known.settings;
      const settings = await database.read(readSettings);
      known = { settings, at: now };
      return settings;
    },
    forget() {
      known = null;
    },
  };
}

const freshMillis = 5_000;
