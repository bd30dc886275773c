import { open, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

/** Which part of a file a reader takes. */
export type ReadWindow = 'head' | 'tail' | 'whole';

/** `bytesRead` counts what the call took from the disk, or the length of a listing. */
export type ToolResult =
  | { readonly status: 'ok'; readonly text: string; readonly bytesRead: number }
  | {
      readonly status: 'refused' | 'missing';
      readonly reason: string;
      readonly bytesRead: number;
    };

/** The three tools of the agent; every path is relative to the package's own folder. */
export interface PackageTools {
  /** One entry a line, folders end with `/`. */
  listFiles(folder: string): Promise<ToolResult>;
  readFile(path: string, window: ReadWindow): Promise<ToolResult>;
  /** Lines that hold the text, in any case, as `path:line: text`; at most 40 lines of 300 characters. */
  search(text: string): Promise<ToolResult>;
}

/** Length of the head and the tail of a file, bytes. */
export const WINDOW_BYTES = 512;

/**
 * Tools confined to one package's folder. They follow no symbolic link out of it and refuse every
 * `package.json`, every lock file and every nested `node_modules`, by whatever name they are asked for.
 */
export function createPackageTools(packageFolder: string): PackageTools {
  return {
    listFiles: (folder) => listFiles(packageFolder, folder),
    readFile: (path, window) => readWindow(packageFolder, path, window),
    search: (text) => search(packageFolder, text),
  };
}

async function listFiles(root: string, folder: string): Promise<ToolResult> {
  const place = await locate(root, folder);
  if (place.status !== 'ok') return place;
  if (!(await stat(place.path)).isDirectory()) return missing(`"${folder}" is no folder`);
  const text = (await entriesOf(place.path)).join('\n');
  return { status: 'ok', text, bytesRead: Buffer.byteLength(text) };
}

async function readWindow(
  root: string,
  path: string,
  window: ReadWindow,
  maxBytes = Infinity,
): Promise<ToolResult> {
  const place = await locate(root, path);
  if (place.status !== 'ok') return place;
  const found = await stat(place.path);
  if (!found.isFile()) return missing(`"${path}" is no file`);
  const { size } = found;
  if (size > maxBytes) return refused(`"${path}" is longer than ${maxBytes} bytes`);
  const length = window === 'whole' ? size : Math.min(size, WINDOW_BYTES);
  const file = await open(place.path);
  try {
    const position = window === 'tail' ? size - length : 0;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
    return { status: 'ok', text: buffer.toString('utf8', 0, bytesRead), bytesRead };
  } finally {
    await file.close();
  }
}

const SEARCHED_FILE = /(?:^|\/)(?:[^./]+|[^/]+\.(?:[cm]?[jt]s|md|markdown|txt))$/i;
const SEARCHED_FILE_BYTES = 262_144;
const SEARCHED_FILES = 200;
const MAX_LINES = 40;

async function search(root: string, text: string): Promise<ToolResult> {
  const wanted = text.toLowerCase();
  if (wanted === '') return { status: 'refused', reason: 'the text is empty', bytesRead: 0 };
  const lines: string[] = [];
  let bytesRead = 0;
  for (const file of await searchedFiles(root)) {
    if (lines.length >= MAX_LINES) break;
    const read = await readWindow(root, file, 'whole', SEARCHED_FILE_BYTES);
    if (read.status !== 'ok') continue;
    bytesRead += read.bytesRead;
    read.text.split('\n').forEach((line, index) => {
      if (lines.length < MAX_LINES && line.toLowerCase().includes(wanted)) {
        lines.push(`${file}:${index + 1}: ${line.trim().slice(0, 300)}`);
      }
    });
  }
  return { status: 'ok', text: lines.join('\n'), bytesRead };
}

async function searchedFiles(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  const folders = [''];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    const place = await locate(root, folder === '' ? '.' : folder);
    if (place.status !== 'ok') continue;
    for (const entry of await entriesOf(place.path)) {
      if (entry.endsWith('/')) folders.push(folder + entry);
      else if (SEARCHED_FILE.test(folder + entry)) found.push(folder + entry);
      if (found.length >= SEARCHED_FILES) return found;
    }
  }
  return found;
}

/** Sorted; forbidden names and links are left out, so that nobody is tempted. */
async function entriesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => !isForbidden(entry.name) && !entry.isSymbolicLink())
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort();
}

type Place =
  { readonly status: 'ok'; readonly path: string } | Extract<ToolResult, { reason: string }>;

/** The real path of what is asked for, or why not. Refusals come first: they must not tell what exists. */
async function locate(root: string, path: string): Promise<Place> {
  if (isAbsolute(path) || path.includes('\0') || path.includes('\\')) {
    return refused(`"${path}" is not a relative path with "/"`);
  }
  const realRoot = await realpath(root);
  const asked = resolve(realRoot, path);
  if (!isWithin(realRoot, asked)) return refused(`"${path}" lies outside the package`);
  let real: string;
  try {
    real = await realpath(asked);
  } catch {
    return missing(`"${path}" does not exist`);
  }
  if (!isWithin(realRoot, real)) return refused(`"${path}" leads outside the package`);
  return { status: 'ok', path: real };
}

function isWithin(root: string, path: string): boolean {
  const inside = relative(root, path);
  if (inside === '') return true;
  const names = inside.split(sep);
  return !isAbsolute(inside) && names[0] !== '..' && !names.some(isForbidden);
}

const FORBIDDEN_NAMES: ReadonlySet<string> = new Set([
  'node_modules',
  'package.json',
  'package-lock.json',
  '.package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'bun.lockb',
]);

/** Case-blind, and blind to trailing dots and spaces, which some file systems ignore. */
function isForbidden(name: string): boolean {
  return FORBIDDEN_NAMES.has(
    name
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[. ]+$/, ''),
  );
}

function refused(reason: string): Extract<ToolResult, { reason: string }> {
  return { status: 'refused', reason, bytesRead: 0 };
}

function missing(reason: string): Extract<ToolResult, { reason: string }> {
  return { status: 'missing', reason, bytesRead: 0 };
}
