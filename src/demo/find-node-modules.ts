import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { InputError } from '../index';

/**
 * The folder itself if one is given, else the nearest `node_modules` from the working directory up.
 *
 * @throws InputError when there is none.
 */
export async function findNodeModules(root: string | undefined): Promise<string> {
  if (root !== undefined) {
    if (await isFolder(root)) return resolve(root);
    throw new InputError(`root: expected a folder, "${root}" is none.`);
  }
  let folder = process.cwd();
  for (;;) {
    const candidate = join(folder, 'node_modules');
    if (await isFolder(candidate)) return candidate;
    const parent = dirname(folder);
    if (parent === folder) break;
    folder = parent;
  }
  throw new InputError('There is no node_modules folder here or above.', {
    hint: 'Name one: --root path/to/node_modules',
  });
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() ?? false;
}
