import type { Attributes } from '../../model/attributes';
import type { Redaction } from '../../model/ports-upkeep';
import type { Database, Session } from '../database/database';
import type { ExecutionState, Speaker } from '../derive/execution-state';
import type { ExplicitExecution, ExplicitTask } from '../derive/explicit';
import { executionDirty } from '../schema/execution-table';
import { parseAttributes } from '../schema/json-values';
import { cleanJson } from '../schema/text';

/**
 * Takes content out of what is no span: frozen records (whose meaning version stays), words said by hand, states of
 * executions whose spans retention took, and rows that were set aside.
 */
export async function redactRecords(database: Database, redact: Redaction): Promise<void> {
  const read = (value: unknown): Attributes => parseAttributes(JSON.stringify(value));
  await inPages(database, 'frozen', 'body', (text) => {
    const body = JSON.parse(text) as { rootAttributes: Attributes; config: Attributes | null };
    const config = body.config === null ? null : redact.config(read(body.config));
    return cleanJson({
      ...body,
      config,
      rootAttributes: redact.rootAttributes(read(body.rootAttributes)),
    });
  });
  await inPages(database, 'tasks', 'explicit', (text) => {
    const { input, ...said } = JSON.parse(text) as ExplicitTask;
    const kept = redact.taskInput(input);
    return cleanJson(kept === undefined ? said : { ...said, input: kept });
  });
  await inPages(database, 'executions', 'explicit', (text) => {
    const said = JSON.parse(text) as ExplicitExecution;
    return cleanJson(said.config ? { ...said, config: redact.config(read(said.config)) } : said);
  });
  await inPages(
    database,
    'executions',
    'state',
    (text) => cleanJson(withoutInputs(JSON.parse(text) as ExecutionState, redact)),
    'pruned = 1',
  );
  await database.write('shared', async (session) => {
    await session.run(`UPDATE quarantine SET body = '{}'`);
  });
}

function withoutInputs(state: ExecutionState, redact: Redaction): ExecutionState {
  const hushed = <S extends Speaker>(speaker: S): S => {
    const { taskInput, ...says } = speaker.says;
    const kept = redact.taskInput(taskInput);
    return { ...speaker, says: { ...says, ...(kept !== undefined && { taskInput: kept }) } };
  };
  return {
    ...state,
    root: hushed(state.root),
    ...(state.said && { said: state.said.map(hushed) }),
  };
}

const rowsAtOnce = 200;

/** Changes one JSON column of a table, some rows a transaction; executions that change are derived anew. */
async function inPages(
  database: Database,
  table: 'frozen' | 'tasks' | 'executions',
  column: 'body' | 'explicit' | 'state',
  change: (text: string) => string,
  condition = 'true',
): Promise<void> {
  const page = async (session: Session, after: number): Promise<number | null> => {
    const rows = await session.all<{ key: number | string; text: string }>(
      `SELECT key, ${column} AS text FROM ${table} WHERE key > ? AND ${column} IS NOT NULL ` +
        `AND ${condition} ORDER BY key LIMIT ${rowsAtOnce}`,
      [after],
    );
    const changed = rows
      .map(({ key, text }) => [Number(key), change(text), text] as const)
      .filter(([, now, before]) => now !== before)
      .map(([key, now]) => [key, now]);
    const follows = {
      frozen: '',
      // What a task shows is what was said by hand, else what its runs say, which is derived anew.
      tasks: `, input = NULL`,
      executions: `, dirty = ${executionDirty.recompute}, revision = executions.revision + 1`,
    };
    await session.run(
      `UPDATE ${table} SET ${column} = given.text${follows[table]} ` +
        `FROM ${session.dialect.rows({ key: 'bigint', text: 'text' })} AS given WHERE ${table}.key = given.key`,
      [JSON.stringify(changed)],
    );
    return rows.length < rowsAtOnce ? null : Number(rows.at(-1)!.key);
  };
  for (let after: number | null = 0; after !== null;) {
    const from: number = after;
    after = await database.write('shared', (session) => page(session, from));
  }
}
