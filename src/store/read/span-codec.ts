import type {
  Resource,
  Scope,
  Span,
  SpanEvent,
  SpanKind,
  SpanLink,
  SpanRole,
  SpanSkeleton,
  StatusCode,
} from '../../model/span';
import type { Session } from '../database/database';
import type { Dialect } from '../database/dialect';
import { parseAttributes, uint64, withoutPrototype } from '../schema/json-values';

/** Everything of a span; `s` spans, `t` traces, `e` executions, `k` tasks. */
export function selectSpans({ asText }: Dialect): string {
  return (
    `SELECT s.key, s.trace_key, t.trace_id, s.span_id, s.parent_span_id, s.name, s.kind, s.flags, ` +
    `${asText('s.start_time')} AS start_time, ${asText('s.end_time')} AS end_time, s.status_code, ` +
    `s.role, s.agent_id, s.model, s.tool, s.input_tokens, s.output_tokens, s.cost_usd, s.error_type, ` +
    `s.tool_arguments_hash, ${asText('s.received_at')} AS received_at, s.resource_key, s.scope_key, ` +
    `s.attributes, s.rest, e.execution_id, k.task_id ` +
    `FROM spans AS s JOIN traces AS t ON t.key = s.trace_key ` +
    `LEFT JOIN executions AS e ON e.key = s.execution_key LEFT JOIN tasks AS k ON k.key = e.task_key`
  );
}

export interface SpanRead {
  readonly key: number | string;
  readonly trace_key: number | string;
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id: string | null;
  readonly name: string;
  readonly kind: number | string;
  readonly flags: number | string;
  readonly start_time: string;
  readonly end_time: string | null;
  readonly status_code: number | string;
  readonly role: SpanRole;
  readonly agent_id: string | null;
  readonly model: string | null;
  readonly tool: string | null;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cost_usd: number | null;
  readonly error_type: string | null;
  readonly tool_arguments_hash: string | null;
  readonly received_at: string;
  readonly resource_key: number | string;
  readonly scope_key: number | string;
  readonly attributes: string;
  readonly rest: string | null;
  readonly execution_id: string | null;
  readonly task_id: string | null;
}

/** What is read of a span for its skeleton. */
export type SkeletonRead = Omit<
  SpanRead,
  'key' | 'flags' | 'received_at' | 'resource_key' | 'scope_key' | 'attributes'
>;

/** Rows as spans, with their tags, resources and scopes (which stay shared by identity). */
export async function toSpans(session: Session, rows: readonly SpanRead[]): Promise<Span[]> {
  if (rows.length === 0) return [];
  const resources = await loadShared(
    session,
    'resources',
    rows.map((row) => row.resource_key),
  );
  const scopes = await loadShared(
    session,
    'scopes',
    rows.map((row) => row.scope_key),
  );
  const tags = await loadTags(session, rows);
  return rows.map((row) =>
    toSpan(
      row,
      resources.get(Number(row.resource_key)) as unknown as Resource,
      scopes.get(Number(row.scope_key)) as unknown as Scope,
      tags.get(`${row.trace_key}/${row.span_id}`) ?? [],
    ),
  );
}

interface Rest {
  readonly traceState?: string;
  readonly message?: string;
  readonly events?: readonly (Omit<SpanEvent, 'timeUnixNano'> & {
    readonly timeUnixNano: string;
  })[];
  readonly links?: readonly SpanLink[];
  readonly droppedAttributes?: number;
  readonly droppedEvents?: number;
  readonly droppedLinks?: number;
}

export function toSkeleton(
  row: SkeletonRead,
  { message }: Pick<Rest, 'message'>,
  tags: readonly string[],
): SpanSkeleton {
  return {
    traceId: row.trace_id,
    spanId: row.span_id,
    parentSpanId: row.parent_span_id,
    name: row.name,
    kind: Number(row.kind) as SpanKind,
    startTimeUnixNano: uint64(row.start_time),
    endTimeUnixNano: row.end_time === null ? null : uint64(row.end_time),
    status: { code: Number(row.status_code) as StatusCode, message: message ?? null },
    taskId: row.task_id,
    executionId: row.execution_id,
    agentId: row.agent_id,
    role: row.role,
    model: row.model,
    tool: row.tool,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    costUsd: row.cost_usd,
    errorType: row.error_type,
    toolArgumentsHash: row.tool_arguments_hash,
    tags,
  };
}

export function parseRest({ rest }: Pick<SpanRead, 'rest'>): Rest {
  return rest === null ? {} : (JSON.parse(rest) as Rest);
}

function toSpan(row: SpanRead, resource: Resource, scope: Scope, tags: readonly string[]): Span {
  const rest = parseRest(row);
  return {
    ...toSkeleton(row, rest, tags),
    traceState: rest.traceState ?? null,
    flags: Number(row.flags),
    attributes: parseAttributes(row.attributes),
    events: (rest.events ?? []).map((event) => ({
      ...event,
      timeUnixNano: BigInt(event.timeUnixNano),
      attributes: withoutPrototype(event.attributes),
    })),
    links: (rest.links ?? []).map((link) => ({
      ...link,
      attributes: withoutPrototype(link.attributes),
    })),
    droppedAttributesCount: rest.droppedAttributes ?? 0,
    droppedEventsCount: rest.droppedEvents ?? 0,
    droppedLinksCount: rest.droppedLinks ?? 0,
    resource,
    scope,
    receivedAtUnixNano: uint64(row.received_at),
  };
}

async function loadShared(
  session: Session,
  table: 'resources' | 'scopes',
  keys: readonly (number | string)[],
): Promise<ReadonlyMap<number, Pick<Resource, 'attributes'>>> {
  const { inList, list } = session.dialect;
  const rows = await session.all<{ key: number | string; body: string }>(
    `SELECT key, body FROM ${table} WHERE ${inList('key', 'bigint')}`,
    [list([...new Set(keys.map(Number))])],
  );
  return new Map(
    rows.map((row) => {
      const body = JSON.parse(row.body) as Pick<Resource, 'attributes'>;
      return [Number(row.key), { ...body, attributes: withoutPrototype(body.attributes) }];
    }),
  );
}

async function loadTags(
  session: Session,
  rows: readonly SpanRead[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = await session.all<{ trace_key: number | string; span_id: string; tag: string }>(
    `SELECT DISTINCT st.trace_key, st.span_id, g.tag ` +
      `FROM ${session.dialect.rows({ trace_key: 'bigint', span_id: 'text' })} AS given ` +
      `JOIN span_tags AS st ON st.trace_key = given.trace_key AND st.span_id = given.span_id ` +
      `JOIN tags AS g ON g.key = st.tag_key ORDER BY g.tag`,
    [JSON.stringify(rows.map((row) => [Number(row.trace_key), row.span_id]))],
  );
  const tags = new Map<string, string[]>();
  for (const row of found) {
    const key = `${row.trace_key}/${row.span_id}`;
    tags.set(key, [...(tags.get(key) ?? []), row.tag]);
  }
  return tags;
}
