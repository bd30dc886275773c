import type { Session } from './database';
import type { Space } from './space';

/**
 * A server keeps the space of deleted rows for new ones, and does not say how much that is. The least that a span ever
 * took, everything included, is remembered; what lies above it is free.
 */
export function createPostgresSpace(
  read: <T>(work: (session: Session) => Promise<T>) => Promise<T>,
  /** Outside of a transaction and without a limit in time. */
  maintain: (sql: string) => Promise<void>,
): Space {
  return {
    async measure() {
      await maintain('ANALYZE spans');
      return read(async (session) => {
        const [row] = await session.ask<{ total: string; spans: number }>(
          `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) AS total, ` +
            `max(CASE WHEN c.relname = 'spans' THEN c.reltuples ELSE 0 END) AS spans ` +
            `FROM pg_class AS c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'`,
          [],
        );
        const total = Number(row!.total);
        const spans = Number(row!.spans);
        const least = await leastPerSpan(session, spans < fewSpans ? null : total / spans);
        if (least === null) return { total, used: total };
        return { total, used: Math.min(total, Math.round(least * spans)), perSpan: least };
      });
    },
    giveBack: () => Promise.resolve(false),
    async finish() {
      await maintain(`VACUUM (ANALYZE) ${tablesOfTraces.join(', ')}`);
      return 'kept';
    },
  };
}

/** What removals leave free space in. */
const tablesOfTraces = [
  ...['spans', 'traces', 'span_tags', 'span_links', 'span_matches'],
  ...['executions', 'tasks', 'frozen', 'rewards'],
];

/** Below, what empty tables take is most of it. */
const fewSpans = 2_000;

/** `null` while there never were spans enough to tell. */
async function leastPerSpan(session: Session, bytes: number | null): Promise<number | null> {
  const [row] =
    bytes === null
      ? await session.all<{ value: string }>(
          `SELECT value FROM settings WHERE name = 'bytes_per_span'`,
        )
      : await session.all<{ value: string }>(
          `INSERT INTO settings (name, value) VALUES ('bytes_per_span', ?) ON CONFLICT (name) ` +
            `DO UPDATE SET value = least(settings.value::double precision, excluded.value::double precision)::text ` +
            `RETURNING value`,
          [String(bytes)],
        );
  return row === undefined ? null : Number(row.value);
}
