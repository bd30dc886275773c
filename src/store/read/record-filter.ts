import { assertKnownKeys } from '../../errors';
import type { RecordFilter, SpanQuery } from '../../model/query';
import type { Session, SqlValue } from '../database/database';
import type { Dialect } from '../database/dialect';
import { int64Text } from '../schema/json-values';
import { tagGroups } from './tag-match';
import { cleanText } from '../schema/text';

/** Conditions joined by AND; the text is made of constants only, every value is bound. */
export interface Conditions {
  readonly sql: readonly string[];
  readonly values: readonly SqlValue[];
}

export const noConditions: Conditions = { sql: [], values: [] };

/** An object, so that the compiler misses a key that is added to the type only. */
const queryKeys = Object.keys({
  ...{ taskId: 1, executionId: 1, traceId: 1, taskType: 1, agentId: 1, model: 1, tool: 1 },
  ...{
    tags: 1,
    tagMatch: 1,
    sessionId: 1,
    experimentId: 1,
    variant: 1,
    adaptationId: 1,
    status: 1,
    role: 1,
    config: 1,
    attributes: 1,
  },
  ...{ sinceUnixNano: 1, untilUnixNano: 1, minDurationMs: 1, maxDurationMs: 1 },
  ...{ limit: 1, cursor: 1 },
} satisfies Record<keyof SpanQuery, 1>);

/**
 * The filter as conditions on the rows of one list. Aliases: `s` spans, `t` traces, `e` executions,
 * `k` tasks. A list asks what is not its own through EXISTS, about one and the same span or execution.
 *
 * @throws ConfigError for a key that no filter has: passing it over would show too much
 */
export async function filterConditions(
  session: Session,
  list: List,
  filter: RecordFilter,
): Promise<Conditions> {
  assertKnownKeys('a query', filter, queryKeys);
  const groups = filter.tags ? await tagGroups(session, filter.tags, filter.tagMatch ?? 'all') : [];
  const ofSpan = spanConditions(session, filter);
  const ofExecution = executionConditions(session, filter);
  const ofTask = taskConditions(filter);
  const parts = { session, filter, groups, ofSpan, ofExecution, ofTask };
  return join(alongIndex(list, filter), conditionsOf[list](parts));
}

type List = 'spans' | 'executions' | 'tasks' | 'traces';

const traceById = '(SELECT key FROM traces WHERE trace_id = ?)';

const pointers = ['traceId', 'executionId', 'sessionId'] as const;

/** What belongs to one trace, execution or session is found by its index: EXISTS alone would be asked of every row until a page is full. */
const waysIn: Readonly<Record<List, Partial<Record<(typeof pointers)[number], string>>>> = {
  spans: {},
  executions: {
    traceId: `e.key IN (SELECT s.execution_key FROM spans AS s WHERE s.trace_key = ${traceById})`,
  },
  tasks: {
    traceId:
      `k.key IN (SELECT e.task_key FROM spans AS s JOIN executions AS e ON e.key = s.execution_key ` +
      `WHERE s.trace_key = ${traceById})`,
    executionId: 'k.key IN (SELECT e.task_key FROM executions AS e WHERE e.execution_id = ?)',
    sessionId: 'k.key IN (SELECT e.task_key FROM executions AS e WHERE e.session_id = ?)',
  },
  traces: {
    traceId: 't.trace_id = ?',
    executionId:
      't.key IN (SELECT s.trace_key FROM executions AS e JOIN spans AS s ON s.execution_key = e.key ' +
      'WHERE e.execution_id = ?)',
    sessionId:
      't.key IN (SELECT s.trace_key FROM executions AS e JOIN spans AS s ON s.execution_key = e.key ' +
      'WHERE e.session_id = ?)',
  },
};

function alongIndex(list: List, filter: RecordFilter): Conditions {
  const ways = pointers.map((name) => {
    const [sql, value] = [waysIn[list][name], filter[name]];
    return sql === undefined || value === undefined
      ? noConditions
      : { sql: [sql], values: [cleanText(value)] };
  });
  return join(...ways);
}

interface Parts {
  readonly session: Session;
  readonly filter: RecordFilter;
  readonly groups: Awaited<ReturnType<typeof tagGroups>>;
  readonly ofSpan: Conditions;
  readonly ofExecution: Conditions;
  readonly ofTask: Conditions;
}

const conditionsOf: Readonly<Record<List, (parts: Parts) => Conditions>> = {
  spans: ofSpans,
  executions: ofExecutions,
  tasks: ofTasks,
  traces: ofTraces,
};

function ofSpans({ session, filter, groups, ofSpan, ofExecution, ofTask }: Parts): Conditions {
  return join(
    ofSpan,
    equal('s.agent_id', filter.agentId),
    ofExecution,
    equal('e.status', filter.status),
    ofTask,
    between('s.start_time', filter),
    ...groups.map((group) => spanHasTag(session, group)),
  );
}

function ofExecutions({ session, filter, groups, ofSpan, ofExecution, ofTask }: Parts): Conditions {
  return join(
    exists(session, 'SELECT 1 FROM spans AS s WHERE s.execution_key = e.key', ofSpan),
    equal('e.agent_id', filter.agentId),
    ofExecution,
    equal('e.status', filter.status),
    ofTask,
    between('e.start_time', filter),
    ...groups.map((group) => listHas(session, 'e.tags', group)),
  );
}

function ofTasks({ session, filter, groups, ofSpan, ofExecution, ofTask }: Parts): Conditions {
  return join(
    exists(
      session,
      'SELECT 1 FROM executions AS e WHERE e.task_key = k.key',
      join(
        exists(session, 'SELECT 1 FROM spans AS s WHERE s.execution_key = e.key', ofSpan),
        equal('e.agent_id', filter.agentId),
        ofExecution,
      ),
    ),
    equal('k.status', filter.status),
    ofTask,
    between('k.created_at', filter),
    ...groups.map((group) => listHas(session, 'k.tags', group)),
  );
}

function ofTraces({ session, filter, groups, ofSpan, ofExecution, ofTask }: Parts): Conditions {
  return join(
    exists(
      session,
      'SELECT 1 FROM spans AS s LEFT JOIN executions AS e ON e.key = s.execution_key ' +
        'LEFT JOIN tasks AS k ON k.key = e.task_key WHERE s.trace_key = t.key',
      join(
        ofSpan,
        equal('s.agent_id', filter.agentId),
        ofExecution,
        equal('e.status', filter.status),
        ofTask,
        ...groups.map((group) => spanHasTag(session, group)),
      ),
    ),
    between('t.start_time', filter),
  );
}

export function join(...parts: readonly Conditions[]): Conditions {
  return {
    sql: parts.flatMap((part) => part.sql),
    values: parts.flatMap((part) => part.values),
  };
}

export function equal(column: string, value: string | undefined): Conditions {
  return value === undefined
    ? noConditions
    : { sql: [`${column} = ?`], values: [cleanText(value)] };
}

/** From `sinceUnixNano` to before `untilUnixNano`. */
export function between(
  column: string,
  { sinceUnixNano, untilUnixNano }: Pick<RecordFilter, 'sinceUnixNano' | 'untilUnixNano'>,
): Conditions {
  const bound = (operator: '>=' | '<', value: bigint | undefined): Conditions =>
    value === undefined
      ? noConditions
      : {
          sql: [`${column} ${operator} CAST(? AS bigint)`],
          values: [int64Text(value)],
        };
  return join(bound('>=', sinceUnixNano), bound('<', untilUnixNano));
}

function spanConditions({ dialect }: Session, filter: RecordFilter): Conditions {
  const attributes = Object.entries(filter.attributes ?? {}).map(([key, value]) => ({
    sql: [dialect.hasMember('s.attributes')],
    values: dialect.memberBindings(cleanText(key), cleanText(value)),
  }));
  return join(
    filter.traceId === undefined
      ? noConditions
      : {
          sql: ['s.trace_key = (SELECT key FROM traces WHERE trace_id = ?)'],
          values: [cleanText(filter.traceId)],
        },
    equal('s.model', filter.model),
    equal('s.tool', filter.tool),
    equal('s.role', filter.role),
    ...attributes,
  );
}

function executionConditions({ dialect }: Session, filter: RecordFilter): Conditions {
  const config = Object.entries(filter.config ?? {}).map(([key, value]) => ({
    sql: [dialect.hasMember('e.config')],
    values: dialect.memberBindings(cleanText(key), cleanText(value)),
  }));
  return join(
    equal('e.execution_id', filter.executionId),
    equal('e.session_id', filter.sessionId),
    exposedTo(dialect, filter),
    lasting(filter),
    ...config,
  );
}

function lasting({ minDurationMs, maxDurationMs }: RecordFilter): Conditions {
  const nanos = (millis: number): string => int64Text(BigInt(Math.round(millis * 1e6)));
  const bound = (operator: '>=' | '<', millis: number | undefined): Conditions =>
    millis === undefined
      ? noConditions
      : { sql: [`e.duration ${operator} CAST(? AS bigint)`], values: [nanos(millis)] };
  return join(bound('>=', minDurationMs), bound('<', maxDurationMs));
}

/** One and the same exposure has all that is asked for. */
function exposedTo({ exists: has, jsonElements }: Dialect, filter: RecordFilter): Conditions {
  const { experimentId, variant, adaptationId } = filter;
  const wanted = Object.entries({ experimentId, variant, adaptationId }).flatMap(([name, value]) =>
    value === undefined ? [] : { sql: `own.value->>'${name}' = ?`, value: cleanText(value) },
  );
  if (wanted.length === 0) return noConditions;
  const condition = wanted.map(({ sql }) => sql).join(' AND ');
  return {
    // The first says it so that the index of the exposed is taken.
    sql: [
      'e.exposures IS NOT NULL',
      has(`SELECT 1 FROM ${jsonElements('e.exposures')} AS own WHERE ${condition}`),
    ],
    values: wanted.map(({ value }) => value),
  };
}

function taskConditions(filter: RecordFilter): Conditions {
  return join(equal('k.task_id', filter.taskId), equal('k.type', filter.taskType));
}

function exists({ dialect }: Session, select: string, conditions: Conditions): Conditions {
  if (conditions.sql.length === 0) return noConditions;
  return {
    sql: [dialect.exists(`${select} AND ${conditions.sql.join(' AND ')}`)],
    values: conditions.values,
  };
}

function spanHasTag({ dialect }: Session, group: readonly string[]): Conditions {
  return {
    sql: [
      dialect.exists(
        `SELECT 1 FROM span_tags AS st WHERE st.trace_key = s.trace_key AND st.span_id = s.span_id ` +
          `AND st.tag_key IN (SELECT key FROM tags WHERE ${dialect.inList('tag', 'text')})`,
      ),
    ],
    values: [dialect.list(group)],
  };
}

/** The JSON list in `column` has one of `group`. */
export function listHas(
  { dialect }: Session,
  column: string,
  group: readonly string[],
): Conditions {
  return {
    sql: [
      dialect.exists(
        `SELECT 1 FROM ${dialect.textElements(column)} AS own ` +
          `WHERE ${dialect.inList('own.value', 'text')}`,
      ),
    ],
    values: [dialect.list(group)],
  };
}
