import { InputError } from '../../errors';
import type { Experiment, Observation } from '../../model/experiment';
import type { AuditEntry, ExperimentFilter } from '../../model/ports-experiments';
import type { Session } from '../database/database';
import { equal, join } from '../read/record-filter';
import { experimentTable } from '../schema/book-tables';
import { parseExactly, stringifyExactly, withoutPrototype } from '../schema/json-values';
import { insertRows } from '../schema/table';
import { cleanText } from '../schema/text';
import { addAudit } from './audit';
import { storeObservations } from './evidence';

export async function createExperiment(
  session: Session,
  experiment: Experiment,
  audit: AuditEntry,
): Promise<void> {
  const { id, key, status } = experiment;
  const row = {
    experiment_id: cleanText(id),
    flag_key: cleanText(key),
    status,
    body: stringifyExactly(experiment),
  };
  const added = await insertRows(session, experimentTable, [row], {
    skipping: true,
    returning: 'key',
  });
  if (added.length === 0) await refuse(session, experiment);
  await addAudit(session, audit);
}

async function refuse(session: Session, { id, key }: Experiment): Promise<never> {
  if ((await getExperiment(session, id)) !== null) {
    throw new InputError(`There is an experiment ${JSON.stringify(id)} already.`);
  }
  throw new InputError(`An experiment with the key ${JSON.stringify(key)} is running already.`, {
    hint: 'Another process has started it meanwhile: stop that one first, or take another key.',
  });
}

export async function getExperiment(session: Session, id: string): Promise<Experiment | null> {
  const [row] = await session.all<{ body: string }>(
    'SELECT body FROM experiments WHERE experiment_id = ?',
    [cleanText(id)],
  );
  return row === undefined ? null : toExperiment(row.body);
}

/** In the order of creation. */
export async function listExperiments(
  session: Session,
  { status, key }: ExperimentFilter = {},
): Promise<readonly Experiment[]> {
  const { sql, values } = join(equal('status', status), equal('flag_key', key));
  const rows = await session.ask<{ body: string }>(
    `SELECT body FROM experiments WHERE ${['true', ...sql].join(' AND ')} ORDER BY key`,
    values,
  );
  return rows.map(({ body }) => toExperiment(body));
}

export async function updateExperiment(
  session: Session,
  next: Experiment,
  from: Experiment['status'],
  audit: AuditEntry,
  observations?: readonly Observation[],
): Promise<boolean> {
  const changed = await session.run(
    'UPDATE experiments SET status = ?, body = ? WHERE experiment_id = ? AND status = ?',
    [next.status, stringifyExactly(next), cleanText(next.id), from],
  );
  if (changed === 0) return false;
  await addAudit(session, audit);
  if (observations !== undefined) await storeObservations(session, next.id, observations);
  return true;
}

function toExperiment(body: string): Experiment {
  const experiment = parseExactly(body) as Experiment;
  const variants = experiment.variants.map(({ name, config }) => ({
    name,
    config: withoutPrototype(config),
  }));
  return { ...experiment, variants };
}
