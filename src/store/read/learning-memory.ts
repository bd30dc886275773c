import { EvolutionError } from '../../errors';
import type { LedgerEntry, Look, Pattern } from '../../model/pattern';
import type { PatternBook } from '../../model/ports-learning';
import type { Page } from '../../model/query';
import type { Session } from '../database/database';
import { parseExactly, stringifyExactly } from '../schema/json-values';
import { cleanText } from '../schema/text';
import { type Keyset, readKeyset } from './keyset';
import { getPattern, storePatterns, writeLife } from './patterns';
import { equal } from './record-filter';

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
  const added = await session.run(
    `INSERT INTO ledger (identity, pattern_id, body) SELECT identity, pattern_id, body ` +
      `FROM ${session.dialect.rows({ identity: 'text', pattern_id: 'text', body: 'text' })} AS given WHERE true ` +
      `ON CONFLICT DO NOTHING`,
    [
      JSON.stringify(
        entries.map((entry) => [
          identityOf(entry),
          cleanText(entry.patternId),
          cleanText(stringifyExactly(entry)),
        ]),
      ),
    ],
  );
  if (added < entries.length) {
    throw new EvolutionError('conflict', 'A test between looks is recorded already.', {
      hint: 'Another process has learned meanwhile: read the ledger again.',
    });
  }
  await reopen(session, entries);
}

/** Of tests that are run once; looks are told apart by their number, and marks may be set again. */
function identityOf({ test = 'look', patternId, step, look, markedAtUnixNano }: LedgerEntry) {
  switch (test) {
    case 'look':
    case 'mark':
      return null;
    case 'confirmation':
      return cleanText(`${patternId}/confirmation/${step ?? 1}`);
    case 'demotion':
      return cleanText(`${patternId}/demotion/${look}`);
    case 'watch':
      return cleanText(`${patternId}/watch/${markedAtUnixNano ?? 0n}/${step ?? 1}`);
  }
}

export async function readLooks(session: Session): Promise<readonly Look[]> {
  const rows = await session.all<{ body: string }>('SELECT body FROM looks ORDER BY number');
  return rows.map((row) => parseExactly(row.body) as Look);
}

/** Tests in the order in which they were run. */
export async function readLedger(
  session: Session,
  { patternId, ...page }: Parameters<PatternBook['readLedger']>[0],
): Promise<Page<LedgerEntry>> {
  const keyset: Keyset<{ key: number | string; body: string }> = {
    list: 'ledger',
    select: 'SELECT g.key, g.body FROM ledger AS g',
    order: [{ column: 'g.key', kind: 'int' }],
    direction: 'ASC',
    position: (row) => [String(row.key)],
  };
  const { rows, nextCursor } = await readKeyset(
    session,
    keyset,
    equal('g.pattern_id', patternId),
    page,
  );
  return { items: rows.map((row) => parseExactly(row.body) as LedgerEntry), nextCursor };
}

/** Findings that a watch has seen again, where the mark that it watched still stands. */
async function reopen(session: Session, entries: readonly LedgerEntry[]): Promise<void> {
  for (const { test, patternId, life, markedAtUnixNano } of entries) {
    if (test !== 'watch' || life === undefined) continue;
    const pattern = await getPattern(session, patternId);
    const stands =
      pattern?.life.state === 'resolved' && pattern.life.atUnixNano === markedAtUnixNano;
    if (stands) await writeLife(session, patternId, life);
  }
}
