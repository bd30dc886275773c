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
  ['received_at', 'bigint'],
  ['resource_key', 'bigint'],
  ['scope_key', 'bigint'],
  ['execution_key', 'bigint'],
] as const;

/** JSON texts, bound as they are: inside the array they would be escaped twice. */
export const spanTexts = ['attributes', 'meaning', 'rest'] as const;
