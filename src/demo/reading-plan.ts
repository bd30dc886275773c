import type { QuestionType } from './evaluate';
import type { FileKind } from './find-evidence';
import { kindOfFile } from './find-evidence';
import type { Knobs } from './knobs';

export type SourceKind = Knobs['first_file'];

/** Tried in this order before anything is listed. */
export const USUAL_FILES: Readonly<Record<SourceKind, readonly string[]>> = {
  readme: ['README.md'],
  licence: ['LICENSE', 'LICENSE.md'],
  code: ['index.js', 'lib/index.js'],
};

/** Where each kind of answer is looked for, best first. */
export const SOURCES: Readonly<Record<QuestionType, readonly [SourceKind, ...FileKind[]]>> = {
  dependencies: ['code', 'types', 'readme'],
  module_system: ['code'],
  licence: ['licence', 'readme', 'code'],
  repository: ['readme', 'code', 'licence'],
  author: ['licence', 'readme', 'code'],
  binaries: ['code', 'readme'],
};

/** Whether the answer may be spread over many files and folders. */
export function needsManyFiles(type: QuestionType): boolean {
  return SOURCES[type][0] === 'code';
}

export interface Listing {
  readonly files: readonly string[];
  /** Each ends with `/`. */
  readonly folders: readonly string[];
}

/** What a listing offers to read and to list next, best first; `folder` is `.` or ends with `/`. */
export function planReading(
  type: QuestionType,
  packageName: string,
  folder: string,
  text: string,
): Listing {
  const prefix = folder === '.' ? '' : folder;
  const entries = text.split('\n').filter((entry) => entry !== '');
  const files = entries.filter((entry) => !entry.endsWith('/')).map((entry) => prefix + entry);
  return {
    files: SOURCES[type].flatMap((kind) =>
      files
        .filter((path) => kindOfFile(path) === kind)
        .sort((a, b) => fileRank(type, packageName, a) - fileRank(type, packageName, b)),
    ),
    folders: entries
      .filter((entry) => entry.endsWith('/') && !UNPROMISING_FOLDER.test(entry))
      .map((entry) => prefix + entry)
      .sort((a, b) => folderRank(a) - folderRank(b)),
  };
}

const UNPROMISING_FOLDER =
  /^(?:tests?|__tests__|docs?|examples?|fixtures|bench\w*|umd|man|\..*)\/$/;
const PROMISING_FOLDERS = ['bin/', 'lib/', 'dist/', 'src/', 'build/', 'cjs/', 'esm/'];

export function folderRank(folder: string): number {
  const rank = PROMISING_FOLDERS.findIndex((name) => folder.endsWith(name));
  return (folder.split('/').length - 1) * 10 + (rank === -1 ? PROMISING_FOLDERS.length : rank);
}

/** Entry files first. */
function fileRank(type: QuestionType, packageName: string, path: string): number {
  const own = packageName.slice(packageName.lastIndexOf('/') + 1);
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/(?:\.min)?\.[cm]?[jt]s$/, '');
  const isEntry = name === 'index' || name === 'main' || name === own;
  const isCommand = /^(?:cli|bin)$/.test(name) || /(?:^|\/)bin\//.test(path);
  return (type === 'binaries' ? isCommand : isEntry) ? 0 : 1;
}

/** What to search for when no file of the best kind could be read. */
export function searchText(type: QuestionType, scan: Knobs['scan']): string {
  switch (type) {
    case 'dependencies':
      return scan === 'import' ? "from '" : 'require(';
    case 'module_system':
      return scan === 'import' ? 'export ' : 'exports';
    case 'licence':
      return 'license';
    case 'repository':
      return 'github.com/';
    case 'author':
      return 'copyright';
    case 'binaries':
      return '#!/usr/bin/env node';
  }
}
