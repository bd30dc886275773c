import { EvolutionError } from '../../errors';
import type { PackageManager, SqliteDriverName } from '../../model/sqlite-driver';
import type { SqliteDriver } from './sqlite-driver';
import { loadAsynchronousDriver } from './sqlite3-driver';
import { loadBetterSqlite, loadLibsql, loadNodeSqlite } from './synchronous-driver';

/**
 * In the order in which they are tried: what works off the application's thread first, then what needs no
 * installation, then what somebody installed.
 */
const ladder: readonly [SqliteDriverName, () => Promise<SqliteDriver>][] = [
  ['sqlite3', loadAsynchronousDriver],
  ['node:sqlite', loadNodeSqlite],
  ['better-sqlite3', loadBetterSqlite],
  ['libsql', loadLibsql],
];

const chosen = new Map<string, Promise<SqliteDriver>>();

/**
 * The driver that is asked for, or the first of the ladder that loads: looked for once in a process.
 *
 * @throws EvolutionError `driver_missing`, with the command that mends it
 */
export function chooseDriver(
  wanted: SqliteDriverName | 'auto',
  packageManager: PackageManager,
): Promise<SqliteDriver> {
  const known = chosen.get(wanted);
  if (known !== undefined) return known;
  const rungs = ladder.filter(([name]) => wanted === 'auto' || name === wanted);
  const choice = firstOf(rungs, packageManager);
  chosen.set(wanted, choice);
  // Somebody may install it meanwhile.
  choice.catch(() => chosen.delete(wanted));
  return choice;
}

async function firstOf(
  rungs: typeof ladder,
  packageManager: PackageManager,
): Promise<SqliteDriver> {
  const failures: string[] = [];
  let cause: unknown;
  for (const [name, load] of rungs) {
    try {
      return await load();
    } catch (error) {
      cause ??= error;
      failures.push(`${name}: ${firstLine(error)}`);
    }
  }
  throw new EvolutionError(
    'driver_missing',
    `No driver for SQLite can be loaded. ${failures.join(' · ')}`,
    { cause, hint: remedy(cause, packageManager) },
  );
}

function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.slice(0, 200);
}

const builds: Readonly<Record<PackageManager, string>> = {
  npm: 'npm rebuild sqlite3',
  // `approve-builds` takes no names before pnpm 11, and `rebuild` builds what was approved.
  pnpm: 'pnpm add --allow-build=sqlite3 sqlite3@6 && pnpm rebuild sqlite3',
  // Later ones run no script of a package that is not named here.
  yarn: 'npm pkg set dependenciesMeta.sqlite3.built=true --json && yarn rebuild sqlite3',
  'yarn 1': 'npm rebuild sqlite3',
  bun: 'bun pm trust sqlite3',
};
const adds: Readonly<Record<PackageManager, string>> = {
  npm: 'npm install',
  pnpm: 'pnpm add',
  yarn: 'yarn add',
  'yarn 1': 'yarn add',
  bun: 'bun add',
};

/** A package manager that skips install scripts leaves `sqlite3` without its binary. */
function remedy(cause: unknown, packageManager: PackageManager): string {
  const absent = (cause as NodeJS.ErrnoException | undefined)?.code === 'MODULE_NOT_FOUND';
  const isThere = !absent && (cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND';
  const mend = isThere ? builds[packageManager] : `${adds[packageManager]} sqlite3@6`;
  return `Run: ${mend} — or, without a compiler: ${adds[packageManager]} libsql — or use Node 22.13 or later, which brings one.`;
}
