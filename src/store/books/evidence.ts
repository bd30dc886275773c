import type { Observation } from '../../model/experiment';
import type { EvidenceEntry, EvidencePage } from '../../model/ports-adaptation';
import type { Database, Session } from '../database/database';
import { evidenceTable } from '../schema/book-tables';
import { parseExactly, stringifyExactly } from '../schema/json-values';
import { insertRows, type TableRow } from '../schema/table';
import { cleanText } from '../schema/text';

type Kind = 'adaptation' | 'experiment';

interface EvidenceRow {
  readonly first: number | string;
  readonly entries: string;
  readonly run_cursor: number | string;
  readonly outcome_cursor: number | string;
}

/** `false` where the place is taken. */
export async function appendEvidence(
  session: Session,
  adaptationId: string,
  page: EvidencePage,
): Promise<boolean> {
  const row = rowOf('adaptation', adaptationId, page);
  const added = await insertRows(session, evidenceTable, [row], {
    skipping: true,
    returning: 'key',
  });
  return added.length > 0;
}

export async function* readEvidence(
  database: Database,
  adaptationId: string,
): AsyncIterable<EvidencePage> {
  for await (const row of readRows(database, 'adaptation', adaptationId)) {
    yield {
      first: Number(row.first),
      entries: parseExactly(row.entries) as EvidenceEntry[],
      runCursor: Number(row.run_cursor),
      outcomeCursor: Number(row.outcome_cursor),
    };
  }
}

/** In the transaction of the decision; who a unit was is left out. */
export async function storeObservations(
  session: Session,
  experimentId: string,
  observations: readonly Observation[],
): Promise<void> {
  for (let first = 0; first < Math.max(1, observations.length); first += UNITS_A_ROW) {
    const entries = observations
      .slice(first, first + UNITS_A_ROW)
      .map((observation) => ({ ...observation, unit: undefined }));
    const row = rowOf('experiment', experimentId, {
      first,
      entries,
      runCursor: 0,
      outcomeCursor: 0,
    });
    await insertRows(session, evidenceTable, [row], { returning: 'key' });
  }
}

export async function readObservations(
  database: Database,
  experimentId: string,
): Promise<readonly Observation[] | null> {
  const observations: Observation[] = [];
  let isStored = false;
  for await (const { entries } of readRows(database, 'experiment', experimentId)) {
    isStored = true;
    for (const entry of parseExactly(entries) as Omit<Observation, 'unit'>[]) {
      observations.push({ ...entry, unit: String(observations.length) });
    }
  }
  return isStored ? observations : null;
}

const UNITS_A_ROW = 1_000;
const ROWS_AT_ONCE = 50;

async function* readRows(database: Database, kind: Kind, id: string): AsyncIterable<EvidenceRow> {
  for (let after = -1; ;) {
    const from = after;
    const rows = await database.read((session) =>
      session.all<EvidenceRow>(
        `SELECT first, entries, run_cursor, outcome_cursor FROM evidence ` +
          `WHERE subject_kind = ? AND subject_id = ? AND first > ? ORDER BY first LIMIT ${ROWS_AT_ONCE}`,
        [kind, cleanText(id), from],
      ),
    );
    yield* rows;
    if (rows.length < ROWS_AT_ONCE) return;
    after = Number(rows.at(-1)!.first);
  }
}

function rowOf(
  kind: Kind,
  id: string,
  {
    first,
    entries,
    runCursor,
    outcomeCursor,
  }: Omit<EvidencePage, 'entries'> & { readonly entries: readonly object[] },
): TableRow<typeof evidenceTable.columns> {
  return {
    subject_kind: kind,
    subject_id: cleanText(id),
    first,
    entries: stringifyExactly(entries),
    run_cursor: runCursor,
    outcome_cursor: outcomeCursor,
  };
}
