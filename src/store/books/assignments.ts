import { NotFoundError } from '../../errors';
import type { Assignment } from '../../model/experiment';
import type { Database, Session } from '../database/database';
import { assignmentTable } from '../schema/book-tables';
import { int64Text, numbersByName, uint64 } from '../schema/json-values';
import { insertRows } from '../schema/table';
import { cleanJson, cleanText } from '../schema/text';

interface AssignmentRow {
  readonly key: number | string;
  readonly experiment_key: number | string;
  readonly unit: string;
  readonly variant: string;
  readonly propensities: string;
  readonly bucket: number;
  readonly assigned_at: string;
}

/**
 * Adds those whose unit has none yet, and gives what is stored now. Two writers that bring the same units wait for
 * each other in the order of units, so that neither holds what the other needs.
 *
 * @throws NotFoundError for an experiment that is not stored; nothing is added then.
 */
export async function storeAssignments(
  session: Session,
  assignments: readonly Assignment[],
): Promise<readonly Assignment[]> {
  if (assignments.length === 0) return [];
  const keys = await experimentKeys(session, assignments);
  const rows = assignments
    .map((assignment) => ({
      experiment_key: keys.get(assignment.experimentId)!,
      unit: cleanText(assignment.unit),
      variant: cleanText(assignment.variant),
      propensities: cleanJson(assignment.propensities),
      bucket: assignment.bucket,
      assigned_at: int64Text(assignment.assignedAtUnixNano),
    }))
    .sort((a, b) => a.experiment_key - b.experiment_key || (a.unit < b.unit ? -1 : 1));
  await insertRows(session, assignmentTable, rows, { skipping: true, returning: 'key' });
  const stored = await readStored(
    session,
    rows.map(({ experiment_key, unit }) => [experiment_key, unit]),
  );
  return assignments.map(({ experimentId, unit }) => {
    const row = stored.get(placeOf(keys.get(experimentId)!, cleanText(unit)))!;
    return toAssignment(experimentId, { ...row, unit });
  });
}

export async function getAssignment(
  session: Session,
  experimentId: string,
  unit: string,
): Promise<Assignment | null> {
  const [row] = await session.all<AssignmentRow>(
    `SELECT ${columns(session)} FROM assignments AS a JOIN experiments AS e ON e.key = a.experiment_key ` +
      `WHERE e.experiment_id = ? AND a.unit = ?`,
    [cleanText(experimentId), cleanText(unit)],
  );
  return row === undefined ? null : toAssignment(experimentId, row);
}

/** In the order they were stored, a page at a time. */
export async function* readAssignments(
  database: Database,
  experimentId: string,
): AsyncIterable<Assignment> {
  for (let after = 0; ;) {
    const from = after;
    const rows = await database.read((session) =>
      session.all<AssignmentRow>(
        `SELECT ${columns(session)} FROM assignments AS a ` +
          `WHERE a.experiment_key = (SELECT key FROM experiments WHERE experiment_id = ?) AND a.key > ? ` +
          `ORDER BY a.key LIMIT ${pageSize}`,
        [cleanText(experimentId), from],
      ),
    );
    for (const row of rows) yield toAssignment(experimentId, row);
    if (rows.length < pageSize) return;
    after = Number(rows.at(-1)!.key);
  }
}

const pageSize = 2_000;

async function experimentKeys(
  session: Session,
  assignments: readonly Assignment[],
): Promise<ReadonlyMap<string, number>> {
  const ids = [...new Set(assignments.map(({ experimentId }) => experimentId))];
  const rows = await session.all<{ key: number | string; experiment_id: string }>(
    `SELECT key, experiment_id FROM experiments WHERE ${session.dialect.inList('experiment_id', 'text')}`,
    [session.dialect.list(ids.map(cleanText))],
  );
  const stored = new Map(rows.map((row) => [row.experiment_id, Number(row.key)]));
  const keys = new Map<string, number>();
  for (const id of ids) {
    const key = stored.get(cleanText(id));
    if (key === undefined) throw new NotFoundError(`There is no experiment ${JSON.stringify(id)}.`);
    keys.set(id, key);
  }
  return keys;
}

async function readStored(
  session: Session,
  places: readonly (readonly [experimentKey: number, unit: string])[],
): Promise<ReadonlyMap<string, AssignmentRow>> {
  const rows = await session.all<AssignmentRow>(
    `SELECT ${columns(session)} FROM ${session.dialect.rows({ experiment_key: 'bigint', unit: 'text' })} AS given ` +
      `JOIN assignments AS a ON a.experiment_key = given.experiment_key AND a.unit = given.unit`,
    [JSON.stringify(places)],
  );
  return new Map(rows.map((row) => [placeOf(Number(row.experiment_key), row.unit), row]));
}

function columns({ dialect }: Session): string {
  return (
    `a.key, a.experiment_key, a.unit, a.variant, a.propensities, a.bucket, ` +
    `${dialect.asText('a.assigned_at')} AS assigned_at`
  );
}

function placeOf(experimentKey: number, unit: string): string {
  return `${experimentKey} ${unit}`;
}

function toAssignment(experimentId: string, row: AssignmentRow): Assignment {
  return {
    experimentId,
    unit: row.unit,
    variant: row.variant,
    propensities: numbersByName(
      Object.entries(JSON.parse(row.propensities) as Record<string, number>),
    ),
    bucket: row.bucket,
    assignedAtUnixNano: uint64(row.assigned_at),
  };
}
