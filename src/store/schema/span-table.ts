/** Columns of `spans` that fit into one short JSON array per row, with their Postgres types. */
export const spanColumns = [
  ['trace_key', 'bigint'],
  ['span_id', 'text'],
  ['parent_span_id', 'text'],
  ['name', 'text'],
  ['kind', 'integer'],
  ['flags', 'bigint'],
  ['start_time', 'bigint'],
  ['end_time', 'bigint'],
  ['status_code', 'integer'],
  ['role', 'text'],
  ['carrier', 'integer'],
  ['agent_id', 'text'],
  ['model', 'text'],
  ['tool', 'text'],
  ['input_tokens', 'double precision'],
  ['output_tokens', 'double precision'],
  ['cost_usd', 'double precision'],
  ['error_type', 'text'],
  ['tool_arguments_hash', 'text'],
  ['sent_hash', 'text'],
  ['received_at', 'bigint'],
  ['resource_key', 'bigint'],
  ['scope_key', 'bigint'],
  ['meaning_version', 'integer'],
  ['execution_key', 'bigint'],
] as const;

/** JSON texts, bound as they are: inside the array they would be escaped twice. */
export const spanTexts = ['attributes', 'meaning', 'rest'] as const;

type OwnName = Exclude<
  (typeof spanColumns)[number][0],
  | 'trace_key'
  | 'span_id'
  | 'received_at'
  | 'resource_key'
  | 'scope_key'
  | 'meaning_version'
  | 'execution_key'
>;

/** What a span says by itself, without the keys of other rows and the time it came. */
export type OwnColumns = Readonly<Record<OwnName, string | number | null>>;

/** The values of a row in the order of `spanColumns`. */
export function spanRowValues(
  own: OwnColumns,
  placed: Readonly<
    Record<
      | 'trace_key'
      | 'span_id'
      | 'received_at'
      | 'resource_key'
      | 'scope_key'
      | 'meaning_version'
      | 'execution_key',
      string | number | null
    >
  >,
): (string | number | null)[] {
  return [
    placed.trace_key,
    placed.span_id,
    own.parent_span_id,
    own.name,
    own.kind,
    own.flags,
    own.start_time,
    own.end_time,
    own.status_code,
    own.role,
    own.carrier,
    own.agent_id,
    own.model,
    own.tool,
    own.input_tokens,
    own.output_tokens,
    own.cost_usd,
    own.error_type,
    own.tool_arguments_hash,
    own.sent_hash,
    placed.received_at,
    placed.resource_key,
    placed.scope_key,
    placed.meaning_version,
    placed.execution_key,
  ];
}
