import type { QuestionType } from './evaluate';
import type { Evidence, FileKind } from './find-evidence';
import { findEvidence, kindOfFile, normaliseValue } from './find-evidence';
import type { Knobs } from './knobs';
import type { PackageTools, ToolResult } from './package-tools';

/** What the agent is told: neither the right answer nor the manifest. */
export interface AgentQuestion {
  readonly type: QuestionType;
  readonly text: string;
  readonly packageName: string;
}

/**
 * Answers a question about a package from its files: opens a file by its usual name, looks around
 * when that was not enough, reads what its settings tell it to, searches when nothing was found, and
 * answers with what the texts speak for. An empty list is "I do not know".
 */
export async function answerQuestion(
  question: AgentQuestion,
  knobs: Knobs,
  tools: PackageTools,
): Promise<readonly string[]> {
  const notes: Note[] = [];
  const open = async (path: string): Promise<void> => {
    const result = await tools.readFile(path, knobs.window);
    notes.push(noteOf(question, knobs, path, result));
  };
  const isDone = (): boolean =>
    knobs.effort === 'stop_early' && notes.some((note) => note.evidence.length > 0);

  await open(USUAL_FILES[knobs.first_file]);
  if (!isDone()) {
    const files = await lookAround(question, knobs, tools);
    for (const path of files) {
      if (isDone() || notes.length >= BUDGETS[knobs.effort].files) break;
      if (!notes.some((note) => note.path === path)) await open(path);
    }
  }
  if (knobs.effort === 'verify' && notes.every((note) => note.evidence.length === 0)) {
    const result = await tools.search(searchText(question.type, knobs.scan));
    notes.push(...notesOfSearch(question, knobs, result));
  }
  return concludeAnswer(question.type, knobs, notes);
}

/** A file that was read and what it said. */
interface Note {
  readonly path: string;
  readonly kind: FileKind;
  readonly evidence: readonly Evidence[];
}

const USUAL_FILES: Readonly<Record<Knobs['first_file'], string>> = {
  readme: 'README.md',
  licence: 'LICENSE',
  code: 'index.js',
};

/** Where each kind of answer is best looked for. */
const SOURCES: Readonly<Record<QuestionType, readonly FileKind[]>> = {
  dependencies: ['code', 'types', 'readme'],
  module_system: ['code'],
  licence: ['licence', 'readme', 'code'],
  repository: ['readme', 'code', 'licence'],
  author: ['licence', 'readme', 'code'],
  binaries: ['code', 'readme'],
};

/** Files and folders that one run may open. */
const BUDGETS: Readonly<
  Record<Knobs['effort'], { readonly files: number; readonly folders: number }>
> = {
  stop_early: { files: 2, folders: 2 },
  verify: { files: 32, folders: 8 },
};

const CODE_QUESTIONS: ReadonlySet<QuestionType> = new Set([
  'dependencies',
  'module_system',
  'binaries',
]);

/** The files worth reading, best first: the preferred kind, then the question's own order. */
async function lookAround(
  question: AgentQuestion,
  knobs: Knobs,
  tools: PackageTools,
): Promise<readonly string[]> {
  const budget = BUDGETS[knobs.effort];
  const files: string[] = [];
  const folders = ['.'];
  for (let listed = 0; listed < budget.folders; listed += 1) {
    const folder = folders.shift();
    if (folder === undefined) break;
    const listing = await tools.listFiles(folder);
    if (listing.status !== 'ok') continue;
    const prefix = folder === '.' ? '' : folder;
    for (const entry of listing.text.split('\n').filter((name) => name !== '')) {
      if (!entry.endsWith('/')) files.push(prefix + entry);
      else if (!UNPROMISING_FOLDER.test(entry)) folders.push(prefix + entry);
    }
    folders.sort((a, b) => folderRank(a) - folderRank(b));
    if (!CODE_QUESTIONS.has(question.type)) break;
  }
  const hasCode = files.some((path) => kindOfFile(path) === 'code');
  const order = [
    knobs.first_file,
    ...SOURCES[question.type].filter((kind) => kind !== knobs.first_file),
  ].filter((kind) => kind !== 'types' || !hasCode);
  return order.flatMap((kind) => {
    const own = files.filter((path) => kindOfFile(path) === kind);
    const limit = kind === 'code' && !CODE_QUESTIONS.has(question.type) ? 2 : budget.files;
    return own.sort((a, b) => fileRank(question, a) - fileRank(question, b)).slice(0, limit);
  });
}

const UNPROMISING_FOLDER =
  /^(?:tests?|__tests__|docs?|examples?|fixtures|bench\w*|umd|man|\..*)\/$/;
const PROMISING_FOLDERS = ['bin/', 'lib/', 'dist/', 'src/', 'build/', 'cjs/', 'esm/'];

function folderRank(folder: string): number {
  const rank = PROMISING_FOLDERS.findIndex((name) => folder.endsWith(name));
  return (folder.split('/').length - 1) * 10 + (rank === -1 ? PROMISING_FOLDERS.length : rank);
}

/** Entry files first, shallow ones before deep ones. */
function fileRank(question: AgentQuestion, path: string): number {
  const own = question.packageName.slice(question.packageName.lastIndexOf('/') + 1);
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/(?:\.min)?\.[cm]?[jt]s$/, '');
  const isEntry = name === 'index' || name === 'main' || name === own;
  const isCommand = /^(?:cli|bin)$/.test(name) || /(?:^|\/)bin\//.test(path);
  const preferred = question.type === 'binaries' ? isCommand : isEntry;
  return path.split('/').length + (preferred ? 0 : 10);
}

function noteOf(question: AgentQuestion, knobs: Knobs, path: string, result: ToolResult): Note {
  const evidence =
    result.status === 'ok'
      ? findEvidence(question.type, { path, text: result.text }, question.packageName, knobs.scan)
      : [];
  return { path, kind: kindOfFile(path), evidence };
}

function searchText(type: QuestionType, scan: Knobs['scan']): string {
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

/** Each line of a search result is a small text of its own file. */
function notesOfSearch(question: AgentQuestion, knobs: Knobs, result: ToolResult): readonly Note[] {
  if (result.status !== 'ok') return [];
  return result.text.split('\n').flatMap((line) => {
    const match = /^(.+?):\d+: (.*)$/.exec(line);
    const [, path, text] = match ?? [];
    if (path === undefined || text === undefined) return [];
    return [noteOf(question, knobs, path, { status: 'ok', text, bytesRead: 0 })];
  });
}

/** Sets are united over the best kind of source; of single values the heaviest wins. */
function concludeAnswer(
  type: QuestionType,
  knobs: Knobs,
  notes: readonly Note[],
): readonly string[] {
  const normalise = (value: string): string | null =>
    knobs.normalise === 'yes' ? normaliseValue(type, value) : value;
  const evidenceOf = (chosen: readonly Note[]): readonly Evidence[] =>
    chosen.flatMap((note) =>
      note.evidence.flatMap(({ value, weight }) => {
        const normal = normalise(value);
        return normal === null || normal === '' ? [] : [{ value: normal, weight }];
      }),
    );
  if (type === 'module_system') {
    const kinds = new Set(evidenceOf(notes).map(({ value }) => value));
    return kinds.size === 2 ? ['dual'] : [...kinds];
  }
  if (type === 'dependencies' || type === 'binaries') {
    const best = SOURCES[type].find((kind) =>
      notes.some((note) => note.kind === kind && note.evidence.length > 0),
    );
    return [...new Set(evidenceOf(notes.filter(({ kind }) => kind === best)).map((e) => e.value))];
  }
  const weights = new Map<string, number>();
  for (const { value, weight } of evidenceOf(notes)) {
    weights.set(value, (weights.get(value) ?? 0) + weight);
  }
  const [heaviest] = [...weights].sort((a, b) => b[1] - a[1]);
  return heaviest === undefined ? [] : [heaviest[0]];
}
