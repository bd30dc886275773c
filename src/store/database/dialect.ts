/** Every difference between the dialects that SQL text shows. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres';
  /** Primary key that grows by itself. */
  readonly identity: string;
  readonly int64: string;
  readonly float64: string;
  readonly timestamp: string;
  /** Text that compares byte by byte. */
  readonly text: string;
  /** A 64-bit integer as decimal text, since the SQLite driver reads it as a double. */
  readonly asText: (column: string) => string;
  /** `column` is one of a list, bound as one value made by `list`. */
  readonly inList: (column: string, type: SqlType) => string;
  readonly list: (values: readonly (string | number)[]) => string | readonly (string | number)[];
  /** A derived table from one bound value: JSON text of an array of arrays. */
  readonly rows: (columns: Readonly<Record<string, SqlType>>) => string;
  /** Derived table with a column `value` (text) from a column that holds a JSON array of strings. */
  readonly textElements: (column: string) => string;
  /** Derived table with a column `value` (JSON) from a column that holds a JSON array. */
  readonly jsonElements: (column: string) => string;
  /** Condition that a subquery has a row. */
  readonly exists: (select: string) => string;
  /** Condition that a JSON object in `column` has a member; binds made by `memberBindings`. */
  readonly hasMember: (column: string) => string;
  readonly memberBindings: (key: string, value: string) => readonly (string | number | null)[];
  /** Condition that the text in `column` holds another; binds the other. */
  readonly contains: (column: string) => string;
  /** Locks the rows of a SELECT until the transaction ends; nothing where one writes at a time. */
  readonly forUpdate: (alias: string) => string;
  /** Number, below `slots`, of the row of a sum that this connection adds to: in one row for all each writer would wait for the one before. */
  readonly slot: (slots: number) => string;
  /** Statement after which transactions commit in the order in which they ran it; `null` where they do anyway. */
  readonly orderCommits: string | null;
  /**
   * Statement on rows `[match, asks]`, bound as JSON: until the transaction ends, who asks for a match and who has it
   * wait for each other, so that the second sees the first. `null` where one writes at a time.
   */
  readonly lockMatches: string | null;
  /** The same on rows `[id, judges]`, for who judges a task, execution or trace by its id and who makes it. */
  readonly lockIds: string | null;
  /** The database refused a row for what it holds, not for its own state. */
  readonly errorIsData: (error: unknown) => boolean;
}

export type SqlType = 'bigint' | 'integer' | 'double precision' | 'text';

/** From so many columns on SQLite keeps the rows of a JSON array before it takes them apart. */
const wideRow = 6;

export const sqliteDialect: Dialect = {
  name: 'sqlite',
  identity: 'INTEGER PRIMARY KEY',
  int64: 'INTEGER',
  float64: 'REAL',
  timestamp: 'datetime',
  text: 'TEXT',
  asText: (column) => `CAST(${column} AS TEXT)`,
  inList: (column) => `${column} IN (SELECT value FROM json_each(?))`,
  list: (values) => JSON.stringify(values),
  rows(columns) {
    const picks = Object.keys(columns).map((name, index) => `value->>${index} AS ${name}`);
    // json_each writes the text of a row anew for every column that asks for it: 73 against 26 µs for a row of 43.
    const elements =
      picks.length < wideRow ? 'json_each(?)' : '(SELECT value FROM json_each(?) LIMIT -1)';
    return `(SELECT ${picks.join(', ')} FROM ${elements})`;
  },
  textElements: (column) => `json_each(${column})`,
  jsonElements: (column) => `json_each(${column})`,
  // A bare EXISTS becomes a join since SQLite 3.51, which loses rows where another join follows and
  // the subquery itself holds an EXISTS (seen with 3.52.0); as an operand it is left alone.
  exists: (select) => `(EXISTS (${select})) = 1`,
  // The driver's own numbers are compared, since SQLite does not keep the text of a JSON number.
  hasMember: (column) =>
    `(EXISTS (SELECT 1 FROM json_each(${column}) AS member WHERE member.key = ? AND (` +
    `(member.type = 'text' AND member.value = ?) OR ` +
    `(member.type IN ('integer', 'real') AND member.value = ?) OR ` +
    `(member.type IN ('true', 'false', 'null') AND member.type = ?) OR ` +
    `(member.type IN ('object', 'array') AND member.value IN (?, ?, ?, ?))))) = 1`,
  memberBindings(key, value) {
    const forms = jsonForms(value);
    return [key, value, forms.number, value, ...forms.composites];
  },
  contains: (column) => `instr(${column}, ?) > 0`,
  forUpdate: () => '',
  slot: () => '0',
  orderCommits: null,
  lockMatches: null,
  lockIds: null,
  errorIsData: (error) =>
    ['SQLITE_CONSTRAINT', 'SQLITE_TOOBIG', 'SQLITE_MISMATCH'].includes(errorCode(error)),
};

/** In order, so that nobody waits in a circle; by a few numbers, since the server has room for some thousand locks. */
function lockBuckets(kind: number, buckets: number): string {
  return (
    `SELECT CASE WHEN asks THEN pg_advisory_xact_lock(${kind}, bucket) ` +
    `ELSE pg_advisory_xact_lock_shared(${kind}, bucket) END FROM ` +
    `(SELECT bucket, bool_or(asks) AS asks FROM (SELECT hashtext(current_schema()) # (hashtext(value->>0) & ${buckets - 1}) ` +
    `AS bucket, (value->>1)::boolean AS asks FROM json_array_elements(?::json)) AS given ` +
    `GROUP BY bucket ORDER BY bucket OFFSET 0) AS locks`
  );
}

export const postgresDialect: Dialect = {
  name: 'postgres',
  identity: 'bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY',
  int64: 'bigint',
  float64: 'double precision',
  timestamp: 'timestamptz',
  text: 'text COLLATE "C"',
  asText: (column) => `${column}::text`,
  inList: (column, type) => `${column} = ANY(?::${type}[])`,
  list: (values) => values,
  rows(columns) {
    const picks = Object.entries(columns).map(
      ([name, type], index) => `(value->>${index})::${type} AS ${name}`,
    );
    return `(SELECT ${picks.join(', ')} FROM json_array_elements(?::json))`;
  },
  textElements: (column) => `json_array_elements_text(${column}::json)`,
  jsonElements: (column) => `json_array_elements(${column}::json)`,
  exists: (select) => `EXISTS (${select})`,
  hasMember: (column) =>
    `EXISTS (SELECT 1 FROM json_each(${column}::json) AS member WHERE member.key = ? AND ` +
    `member.value::text IN (?, ?, ?, ?, ?, ?, ?))`,
  memberBindings(key, value) {
    const forms = jsonForms(value);
    const bare = ['true', 'false', 'null'].includes(value) ? value : null;
    return [
      key,
      JSON.stringify(value),
      forms.number === null ? null : value,
      bare,
      ...forms.composites,
    ];
  },
  orderCommits: 'SELECT pg_advisory_xact_lock(1869899127, hashtext(current_schema()))',
  lockMatches: lockBuckets(1869899128, 512),
  lockIds: lockBuckets(1869899129, 512),
  contains: (column) => `strpos(${column}, ?) > 0`,
  forUpdate: (alias) => ` FOR UPDATE OF ${alias}`,
  slot: (slots) => `pg_backend_pid() % ${slots}`,
  // 22 data exception, 23 integrity constraint, 54 program limit exceeded.
  errorIsData: (error) => /^(22|23|54)...$/.test(errorCode(error)),
};

/** The canonical JSON values whose text is `value`, besides string and boolean. */
function jsonForms(value: string): {
  number: number | null;
  composites: readonly (string | null)[];
} {
  return {
    number: isFiniteNumber(value) ? Number(value) : null,
    composites: [
      /^-?\d+$/.test(value) ? JSON.stringify({ int: value }) : null,
      jsonOfDouble(value),
      /^[A-Za-z0-9+/]*={0,2}$/.test(value) ? JSON.stringify({ bytes: value }) : null,
      /^[[{]/.test(value) ? value : null,
    ],
  };
}

function jsonOfDouble(value: string): string | null {
  if (isFiniteNumber(value)) return JSON.stringify({ double: Number(value) });
  return ['-0', 'NaN', 'Infinity', '-Infinity'].includes(value)
    ? JSON.stringify({ double: value })
    : null;
}

function isFiniteNumber(value: string): boolean {
  return Number.isFinite(Number(value)) && String(Number(value)) === value;
}

export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
