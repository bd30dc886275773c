import type { Manifest } from './installed-packages';

export const QUESTION_TYPES = [
  'dependencies',
  'module_system',
  'licence',
  'repository',
  'author',
  'binaries',
] as const;

export type QuestionType = (typeof QUESTION_TYPES)[number];

export type ModuleSystem = 'cjs' | 'esm' | 'dual';

/**
 * Accuracy of an answer, 0..1: F1 of the two sets. For questions with one right value that is 1 or 0
 * as long as one value is given. Letter case does not count, and "MIT License" is "MIT".
 */
export function evaluateAnswer(truth: readonly string[], answer: readonly string[]): number {
  const right = new Set(truth.map(comparable));
  const given = new Set(answer.map(comparable));
  const hits = [...given].filter((value) => right.has(value)).length;
  return hits === 0 ? 0 : (2 * hits) / (right.size + given.size);
}

function comparable(value: string): string {
  return value.toLowerCase().replace(/^the\s+|\s+licen[cs]e$/g, '');
}

/** The right answer by the manifest, or `null` where the manifest gives none. */
export function readTruth(manifest: Manifest, type: QuestionType): readonly string[] | null {
  const values = TRUTHS[type](manifest);
  return values.length === 0 ? null : values;
}

const TRUTHS: Readonly<Record<QuestionType, (manifest: Manifest) => readonly string[]>> = {
  dependencies: (manifest) => keysOf(manifest.dependencies),
  module_system: (manifest) => one(readModuleSystem(manifest)),
  licence: (manifest) => one(manifest.license).filter((text) => /^[\w.+-]+$/.test(text)),
  repository: (manifest) => one(readRepository(manifest.repository)),
  author: (manifest) => one(readAuthor(manifest.author)),
  binaries: (manifest) =>
    typeof manifest.bin === 'string'
      ? [manifest.name.replace(/^@[^/]+\//, '')]
      : keysOf(manifest.bin),
};

/** By the entry points: `exports` where there is one, else `main` and the bundlers' `module`. */
export function readModuleSystem(manifest: Manifest): ModuleSystem | null {
  const kinds = new Set<EntryKind>();
  const own = manifest.type === 'module' ? 'esm' : 'cjs';
  if (manifest.exports !== undefined && manifest.exports !== null) {
    collectEntryKinds(manifest.exports, null, own, kinds);
  } else {
    addKindOfFile(manifest.main === undefined ? 'index.js' : manifest.main, null, own, kinds);
    if (typeof manifest.module === 'string') kinds.add('esm');
  }
  if (kinds.size === 2) return 'dual';
  return [...kinds][0] ?? null;
}

type EntryKind = 'cjs' | 'esm';

const CONDITION_KINDS: ReadonlyMap<string, EntryKind> = new Map([
  ['import', 'esm'],
  ['module', 'esm'],
  ['module-sync', 'esm'],
  ['require', 'cjs'],
]);

function collectEntryKinds(
  target: unknown,
  condition: EntryKind | null,
  own: EntryKind,
  kinds: Set<EntryKind>,
): void {
  if (typeof target !== 'object' || target === null) {
    addKindOfFile(target, condition, own, kinds);
    return;
  }
  for (const [key, value] of Object.entries(target)) {
    if (key.startsWith('types') || key.endsWith('.json')) continue;
    collectEntryKinds(value, CONDITION_KINDS.get(key) ?? condition, own, kinds);
  }
}

function addKindOfFile(
  file: unknown,
  condition: EntryKind | null,
  own: EntryKind,
  kinds: Set<EntryKind>,
): void {
  if (typeof file !== 'string' || !/(?:\.[cm]?js|\/[^./]+|^[^./]+)$/.test(file)) return;
  if (file.endsWith('.mjs')) kinds.add('esm');
  else if (file.endsWith('.cjs')) kinds.add('cjs');
  else kinds.add(condition ?? own);
}

function readRepository(repository: unknown): string | null {
  const url = textOr(repository, 'url');
  if (url === null) return null;
  const match = /^(?:github:)?([\w-]+\/[\w.-]+)$|github\.com[/:]([\w-]+\/[\w.-]+)/.exec(url);
  return (match?.[1] ?? match?.[2])?.replace(/\.git$/, '') ?? null;
}

function readAuthor(author: unknown): string | null {
  const name = textOr(author, 'name');
  return name === null ? null : name.replace(/\s*[<(].*$/s, '').trim();
}

function textOr(value: unknown, key: string): string | null {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return null;
  const text: unknown = new Map<string, unknown>(Object.entries(value)).get(key);
  return typeof text === 'string' ? text : null;
}

function one(value: unknown): readonly string[] {
  return typeof value === 'string' && value !== '' ? [value] : [];
}

function keysOf(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}
