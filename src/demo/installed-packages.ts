import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a `package.json` says, as far as the harness reads it; every field may be anything. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly type?: unknown;
  readonly main?: unknown;
  readonly module?: unknown;
  readonly exports?: unknown;
  readonly dependencies?: unknown;
  readonly repository?: unknown;
  readonly author?: unknown;
  readonly license?: unknown;
  readonly bin?: unknown;
}

/** For the harness only: the agent gets the name and its tools, never the manifest. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Absolute. */
  readonly folder: string;
  readonly manifest: Manifest;
}

export interface PackageCensus {
  /** Folders with a manifest, nested ones included. */
  readonly found: number;
  /** One per name and version, by folder. */
  readonly packages: readonly InstalledPackage[];
}

/**
 * Every package below a `node_modules` folder, nested and scoped ones included. A folder without a
 * readable manifest with name and version is no package; a folder that does not exist holds none.
 */
export async function findPackages(root: string): Promise<PackageCensus> {
  const found: InstalledPackage[] = [];
  const folders = await packageFolders(root);
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    const manifest = await readManifest(folder);
    if (manifest !== null) {
      found.push({ name: manifest.name, version: manifest.version, folder, manifest });
    }
    folders.push(...(await packageFolders(join(folder, 'node_modules'))));
  }
  const unique = new Map<string, InstalledPackage>();
  for (const item of found) {
    const key = `${item.name}@${item.version}`;
    if (!unique.has(key)) unique.set(key, item);
  }
  return { found: found.length, packages: [...unique.values()] };
}

/** `x` and `@scope/y`, sorted, so that the same installation gives the same order everywhere. */
async function packageFolders(root: string): Promise<string[]> {
  const folders: string[] = [];
  for (const name of await subfolders(root)) {
    if (!name.startsWith('@')) folders.push(join(root, name));
    else for (const own of await subfolders(join(root, name))) folders.push(join(root, name, own));
  }
  return folders;
}

async function subfolders(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (isNotThere(error)) return [];
    throw error;
  }
}

async function readManifest(folder: string): Promise<Manifest | null> {
  try {
    const content: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    return isManifest(content) ? content : null;
  } catch (error) {
    if (isNotThere(error) || error instanceof SyntaxError) return null;
    throw error;
  }
}

function isManifest(content: unknown): content is Manifest {
  return (
    typeof content === 'object' &&
    content !== null &&
    'name' in content &&
    typeof content.name === 'string' &&
    'version' in content &&
    typeof content.version === 'string'
  );
}

function isNotThere(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return error.code === 'ENOENT' || error.code === 'ENOTDIR';
}
