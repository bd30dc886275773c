import { EvolutionError } from '../../errors';
import type { LedgerEntry, Look, Pattern } from '../../model/pattern';
import type { Page, PageRequest, PatternQuery } from '../../model/query';
import type { Session } from '../database/database';
import { int64Text, parseExactly, stringifyExactly } from '../schema/json-values';
import { subjectsAsked, subjectsOf } from './pattern-subjects';
import { type Keyset, readKeyset } from './keyset';
import { between, type Conditions, equal, join, listHas, noConditions } from './record-filter';
import { cleanJson, cleanText } from '../schema/text';

/** A look with everything it found, in the transaction of `session`. */
export async function recordLook(
  session: Session,
  look: Look,
  patterns: readonly Pattern[],
  entries: readonly LedgerEntry[],
): Promise<void> {
  const added = await session.run(
    'INSERT INTO looks (number, body) VALUES (?, ?) ON CONFLICT DO NOTHING',
    [look.number, cleanText(stringifyExactly(look))],
  );
  if (added === 0) {
    throw new EvolutionError('conflict', `Look ${look.number} is recorded already.`, {
      hint: 'Another process has learned meanwhile: read the looks again.',
    });
  }
  await recordTests(session, patterns, entries);
}

/** Patterns and tests of one step of the learner, in the transaction of `session`. */
export async function recordTests(
  session: Session,
  patterns: readonly Pattern[],
  entries: readonly LedgerEntry[],
): Promise<void> {
  await storePatterns(session, patterns);
  if (entries.length === 0) return;
  await session.run(
    `INSERT INTO ledger (body) SELECT body FROM ${session.dialect.rows({ body: 'text' })} AS given`,
    [JSON.stringify(entries.map((entry) => [cleanText(stringifyExactly(entry))]))],
  );
}

export async function readLooks(session: Session): Promise<readonly Look[]> {
  const rows = await session.all<{ body: string }>('SELECT body FROM looks ORDER BY number');
  return rows.map((row) => parseExactly(row.body) as Look);
}

/** Tests in the order in which they were run. */
export async function readLedger(session: Session, page: PageRequest): Promise<Page<LedgerEntry>> {
  const keyset: Keyset<{ key: number | string; body: string }> = {
    list: 'ledger',
    select: 'SELECT g.key, g.body FROM ledger AS g',
    order: [{ column: 'g.key', kind: 'int' }],
    direction: 'ASC',
    position: (row) => [String(row.key)],
  };
  const { rows, nextCursor } = await readKeyset(session, keyset, noConditions, page);
  return { items: rows.map((row) => parseExactly(row.body) as LedgerEntry), nextCursor };
}

/** Stores patterns, each in the place of what was known under its id. */
export async function storePatterns(session: Session, patterns: readonly Pattern[]): Promise<void> {
  if (patterns.length === 0) return;
  const rows = patterns.map((pattern) => [
    cleanText(pattern.id),
    pattern.type,
    pattern.status,
    pattern.confidence,
    cleanText(pattern.dimension),
    cleanJson(subjectsOf(pattern)),
    int64Text(pattern.lastTestedUnixNano),
    cleanText(stringifyExactly(pattern)),
  ]);
  await session.run(
    `INSERT INTO patterns (id, type, status, confidence, dimension, subjects, last_tested, body) ` +
      `SELECT id, type, status, confidence, dimension, subjects, CAST(last_tested AS bigint), body ` +
      `FROM ${session.dialect.rows({
        id: 'text',
        type: 'text',
        status: 'text',
        confidence: 'double precision',
        dimension: 'text',
        subjects: 'text',
        last_tested: 'text',
        body: 'text',
      })} AS given WHERE true ON CONFLICT (id) DO UPDATE SET type = excluded.type, ` +
      `status = excluded.status, confidence = excluded.confidence, ` +
      `dimension = excluded.dimension, subjects = excluded.subjects, ` +
      `last_tested = excluded.last_tested, body = excluded.body`,
    [JSON.stringify(rows)],
  );
}

export async function getPattern(session: Session, id: string): Promise<Pattern | null> {
  const [row] = await session.all<{ body: string }>('SELECT body FROM patterns WHERE id = ?', [
    cleanText(id),
  ]);
  return row ? (parseExactly(row.body) as Pattern) : null;
}

/** Patterns, the most certain first. */
export async function queryPatterns(session: Session, query: PatternQuery): Promise<Page<Pattern>> {
  const keyset: Keyset<{ id: string; confidence: number; body: string }> = {
    list: 'patterns',
    select: 'SELECT p.id, p.confidence, p.body FROM patterns AS p',
    order: [
      { column: 'p.confidence', kind: 'number' },
      { column: 'p.id', kind: 'text' },
    ],
    direction: 'DESC',
    position: (row) => [row.confidence, row.id],
  };
  const confident: Conditions =
    query.minConfidence === undefined
      ? noConditions
      : { sql: ['p.confidence >= ?'], values: [query.minConfidence] };
  const conditions = join(
    equal('p.type', query.type),
    equal('p.status', query.status),
    equal('p.dimension', query.dimension),
    confident,
    between('p.last_tested', query),
    ...subjectsAsked(query).map((subject) => listHas(session, 'p.subjects', [cleanText(subject)])),
  );
  const { rows, nextCursor } = await readKeyset(session, keyset, conditions, query);
  return { items: rows.map((row) => parseExactly(row.body) as Pattern), nextCursor };
}
