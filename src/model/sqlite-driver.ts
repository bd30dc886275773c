/** What can open a SQLite file, in the order in which it is looked for. */
export type SqliteDriverName = 'sqlite3' | 'node:sqlite' | 'better-sqlite3' | 'libsql';

/** Which one the user types commands of. */
export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'yarn 1' | 'bun';
