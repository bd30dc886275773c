import type { AgentVersion, VersionQuery } from '../../model/ports-upkeep';
import type { Session } from '../database/database';
import { between, equal, join } from '../read/record-filter';
import { int64Text, uint64 } from '../schema/json-values';
import { cleanText } from '../schema/text';
import type { FrozenExecution } from './frozen-record';

/** When each version of an agent ran first: noted with the records of its runs, so that nobody looks through the runs for it. */
export async function noteVersions(
  session: Session,
  records: readonly Pick<FrozenExecution, 'agent' | 'rootStartTimeUnixNano'>[],
): Promise<void> {
  const first = new Map<string, { readonly key: readonly string[]; readonly start: bigint }>();
  for (const { agent, rootStartTimeUnixNano: start } of records) {
    if (agent.id === null || agent.version === null) continue;
    const key = [cleanText(agent.id), cleanText(agent.version)];
    const name = JSON.stringify(key);
    const known = first.get(name);
    if (known === undefined || start < known.start) first.set(name, { key, start });
  }
  if (first.size === 0) return;
  // In one order, so that two writers never wait for each other.
  const rows = [...first].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  const noted = await session.all<{ agent_id: string }>(
    `INSERT INTO agent_versions (agent_id, version, first_start) ` +
      `SELECT agent_id, version, CAST(first_start AS bigint) ` +
      `FROM ${session.dialect.rows({ agent_id: 'text', version: 'text', first_start: 'text' })} AS given ` +
      `WHERE true ON CONFLICT (agent_id, version) DO UPDATE SET first_start = excluded.first_start ` +
      `WHERE excluded.first_start < agent_versions.first_start RETURNING agent_id`,
    [JSON.stringify(rows.map(({ key, start }) => [...key, int64Text(start)]))],
  );
  await dropOldest(
    session,
    noted.map((row) => row.agent_id),
  );
}

/** As many as can be told apart on an axis, and more: of one agent, and in one answer. */
const mostVersions = 200;

/** Who gives each run a version of its own would fill the table. */
async function dropOldest(session: Session, agentIds: readonly string[]): Promise<void> {
  if (agentIds.length === 0) return;
  const { inList, list } = session.dialect;
  await session.run(
    `DELETE FROM agent_versions WHERE (agent_id, version) IN (SELECT agent_id, version FROM ` +
      `(SELECT agent_id, version, row_number() OVER (PARTITION BY agent_id ORDER BY first_start DESC, version) AS place ` +
      `FROM agent_versions WHERE ${inList('agent_id', 'text')}) AS ranked WHERE place > ${mostVersions})`,
    [list([...new Set(agentIds)])],
  );
}

/** The latest first. */
export async function readVersions(
  session: Session,
  query: VersionQuery,
): Promise<readonly AgentVersion[]> {
  const { sql, values } = join(equal('v.agent_id', query.agentId), between('v.first_start', query));
  const rows = await session.ask<{ agent_id: string; version: string; start: string }>(
    `SELECT v.agent_id, v.version, ${session.dialect.asText('v.first_start')} AS start ` +
      `FROM agent_versions AS v${sql.length === 0 ? '' : ` WHERE ${sql.join(' AND ')}`} ` +
      `ORDER BY v.first_start DESC, v.agent_id, v.version LIMIT ${mostVersions}`,
    values,
  );
  return rows.map((row) => ({
    agentId: row.agent_id,
    version: row.version,
    firstStartUnixNano: uint64(row.start),
  }));
}
