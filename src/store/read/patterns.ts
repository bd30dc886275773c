import { openLife, type Pattern, type PatternLife } from '../../model/pattern';
import type { Page, PatternQuery } from '../../model/query';
import type { Session } from '../database/database';
import { int64Text, parseExactly, stringifyExactly } from '../schema/json-values';
import { cleanJson, cleanText } from '../schema/text';
import { type Keyset, readKeyset } from './keyset';
import { subjectsAsked, subjectsOf } from './pattern-subjects';
import { between, type Conditions, equal, join, listHas, noConditions } from './record-filter';

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
  const [row] = await session.all<PatternRow>(`${selectPatterns} WHERE p.id = ?`, [cleanText(id)]);
  return row ? toPattern(row) : null;
}

interface PatternRow {
  readonly id: string;
  readonly confidence: number;
  readonly body: string;
  readonly life: string | null;
}

const selectPatterns =
  'SELECT p.id, p.confidence, p.body, l.body AS life FROM patterns AS p ' +
  'LEFT JOIN pattern_lives AS l ON l.pattern_id = p.id';

function toPattern({ body, life }: PatternRow): Pattern {
  const pattern = parseExactly(body) as Pattern;
  return { ...pattern, life: life === null ? openLife : (parseExactly(life) as PatternLife) };
}

/** Patterns, the most certain first. */
export async function queryPatterns(session: Session, query: PatternQuery): Promise<Page<Pattern>> {
  const keyset: Keyset<PatternRow> = {
    list: 'patterns',
    select: selectPatterns,
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
    query.life === 'open' ? stillOpen : noConditions,
    between('p.last_tested', query),
    ...subjectsAsked(query).map((subject) => listHas(session, 'p.subjects', [cleanText(subject)])),
  );
  const { rows, nextCursor } = await readKeyset(session, keyset, conditions, query);
  return { items: rows.map(toPattern), nextCursor };
}

const stillOpen: Conditions = {
  sql: [`(l.state IS NULL OR l.state NOT IN ('resolved', 'not_useful'))`],
  values: [],
};

/** In the transaction of the ledger's entry that tells of it. */
export async function writeLife(session: Session, id: string, life: PatternLife): Promise<void> {
  await session.run(
    'INSERT INTO pattern_lives (pattern_id, state, body) VALUES (?, ?, ?) ' +
      'ON CONFLICT (pattern_id) DO UPDATE SET state = excluded.state, body = excluded.body',
    [cleanText(id), life.state, cleanText(stringifyExactly(life))],
  );
}
