import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A SQLite database in a folder of its own, whose files can be searched for what must not be in them. */
export function newDatabaseFile(): { readonly url: string; stored(): string } {
  const folder = mkdtempSync(join(tmpdir(), 'evolution-'));
  return {
    url: `sqlite:${join(folder, 'test.db')}`,
    stored: () =>
      readdirSync(folder)
        .map((name) => readFileSync(join(folder, name)).toString('latin1'))
        .join('\n'),
  };
}
