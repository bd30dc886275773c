import { ConfigError } from './errors';

export type DatabaseAddress =
  | { readonly dialect: 'sqlite'; readonly file: string; readonly inMemory: boolean }
  | {
      readonly dialect: 'postgres';
      readonly url: string;
      /** Of it, what may be shown and pasted: the password is asked for. */
      readonly urlWithoutPassword: string;
      /** Host, port and database: which one it is, whoever asks. */
      readonly place: string;
      readonly schema: string | null;
    };

/**
 * Reads `sqlite:PATH`, `sqlite::memory:`, `postgres://…` or `postgresql://…`; `?schema=NAME` puts the
 * tables into a schema of their own.
 *
 * @throws ConfigError for anything else
 */
export function parseDatabaseUrl(databaseUrl: string): DatabaseAddress {
  if (typeof databaseUrl !== 'string') {
    throw new ConfigError(`Expected a database URL, got ${typeof databaseUrl}.`, {
      hint: acceptedForms,
    });
  }
  if (databaseUrl.startsWith('sqlite:')) return parseSqlite(databaseUrl.slice('sqlite:'.length));
  if (/^postgres(ql)?:\/\//.test(databaseUrl)) return parsePostgres(databaseUrl);
  // Only the scheme is repeated: the rest may hold a password.
  const scheme = /^[a-z0-9+.-]{1,20}:/i.exec(databaseUrl)?.[0];
  const came = scheme === undefined ? 'something without a scheme' : `one with ${scheme}`;
  throw new ConfigError(`Expected a database URL, got ${came}.`, { hint: acceptedForms });
}

const acceptedForms =
  'Accepted: sqlite:./file.db, sqlite:/absolute/file.db, sqlite::memory:, postgres://user:password@host:5432/name (with ?schema=NAME if wanted).';

function parseSqlite(path: string): DatabaseAddress {
  if (path === ':memory:') return { dialect: 'sqlite', file: path, inMemory: true };
  const file = path.startsWith('///') ? path.slice(2) : path;
  if (file === '' || file.startsWith('//') || file.includes('\0')) {
    throw new ConfigError('Expected the path of a file after sqlite:.', { hint: acceptedForms });
  }
  return { dialect: 'sqlite', file, inMemory: false };
}

function parsePostgres(databaseUrl: string): DatabaseAddress {
  let url: URL;
  try {
    url = new URL(databaseUrl);
  } catch {
    // The cause would repeat the URL.
    throw new ConfigError('Expected a valid Postgres URL.', { hint: acceptedForms });
  }
  const schema = url.searchParams.get('schema');
  url.searchParams.delete('schema');
  if (schema !== null && !/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw new ConfigError(
      `Expected a schema name of a-z, 0-9 and _ (at most 63), got ${JSON.stringify(schema)}.`,
      { hint: acceptedForms },
    );
  }
  const place = [url.hostname, url.port, url.pathname].join(' ');
  const { href } = url;
  url.password = '';
  return { dialect: 'postgres', url: href, urlWithoutPassword: url.href, place, schema };
}
