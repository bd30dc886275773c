import { builtinModules } from 'node:module';

import type { QuestionType } from './evaluate';
import type { Knobs } from './knobs';

/** One value that a text speaks for; the weight says how much. */
export interface Evidence {
  readonly value: string;
  readonly weight: number;
}

export interface ReadText {
  /** Relative to the package; names the kind of file. */
  readonly path: string;
  readonly text: string;
}

export type FileKind = 'readme' | 'licence' | 'code' | 'types' | 'other';

/** What a text says about a question, in the order of the text. Pure text analysis, no lists of packages. */
export function findEvidence(
  type: QuestionType,
  source: ReadText,
  packageName: string,
  scan: Knobs['scan'],
): readonly Evidence[] {
  switch (type) {
    case 'dependencies':
      return findDependencies(source.text, packageName, scan);
    case 'module_system':
      return kindOfFile(source.path) === 'code' ? findModuleSystem(source.text, scan) : [];
    case 'licence':
      return findLicence(source);
    case 'repository':
      return findRepository(source.text, packageName);
    case 'author':
      return findAuthor(source);
    case 'binaries':
      return findBinaries(source, packageName);
  }
}

export function kindOfFile(path: string): FileKind {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/^readme/i.test(name)) return 'readme';
  if (/^(?:licen[cs]e|copying)/i.test(name)) return 'licence';
  if (/\.d\.[cm]?ts$/i.test(name)) return 'types';
  if (/\.[cm]?[jt]s$/i.test(name) || /(?:^|\/)bin\/[^.]+$/.test(path)) return 'code';
  return 'other';
}

/** The form that the question asks for. */
export function normaliseValue(type: QuestionType, value: string): string | null {
  switch (type) {
    case 'dependencies': {
      const name = /^(?:@[^/]+\/)?[^/]+/.exec(value)?.[0] ?? value;
      return value.startsWith('node:') || builtinModules.includes(name) ? null : name;
    }
    case 'licence':
      return LICENCES.find(({ heading }) => heading.test(value))?.id ?? value;
    case 'repository':
      return (
        /github\.com[/:]([\w-]+\/[\w.-]+)/.exec(value)?.[1]?.replace(/\.git$|\.$/, '') ?? value
      );
    case 'author':
      return value
        .replace(/\s*(?:[<([\]]|&lt;|https?:|\band (?:other )?contributors).*$/i, '')
        .replace(/\b(?:19|20)\d\d\b|present|[,;.]?\s*all rights reserved.*/gi, '')
        .replace(/^[\s,–-]+|[\s,.;–-]+$/g, '')
        .replace(/\s+/g, ' ');
    case 'binaries':
      return value.slice(value.lastIndexOf('/') + 1).replace(/\.[cm]?js$/, '');
    case 'module_system':
      return value;
  }
}

const REQUIRED = /\brequire\(\s*['"`]([^'"`\s.][^'"`\s]*)['"`]\s*\)/g;
const IMPORTED = /(?:\bfrom\s*|\bimport\s*\(?\s*)['"]([^'"\s.][^'"\s]*)['"]/g;

function findDependencies(
  text: string,
  packageName: string,
  scan: Knobs['scan'],
): readonly Evidence[] {
  const found = [
    ...(scan === 'import' ? [] : text.matchAll(REQUIRED)),
    ...(scan === 'require' ? [] : text.matchAll(IMPORTED)),
  ].map((match) => match[1] ?? '');
  return found
    .filter((name) => /^(?:@[\w.-]+\/)?[\w:.-]+(?:\/|$)/.test(name))
    .filter((name) => name !== packageName && !name.startsWith(`${packageName}/`))
    .map((value) => ({ value, weight: 1 }));
}

const COMMONJS =
  /\bmodule\.exports\b|\bexports\.\w+\s*=|\bObject\.defineProperty\(exports|\brequire\(/;
const ES_MODULE =
  /^\s*(?:import\s*(?:[\w*{]|['"])|export\s+(?:default|const|let|var|function|class|async|\*|\{)|export\s*\{)/m;

function findModuleSystem(text: string, scan: Knobs['scan']): readonly Evidence[] {
  return [
    ...(scan !== 'import' && COMMONJS.test(text) ? [{ value: 'cjs', weight: 1 }] : []),
    ...(scan !== 'require' && ES_MODULE.test(text) ? [{ value: 'esm', weight: 1 }] : []),
  ];
}

/** Headings, grants and names by which people know a licence; the first that fits is taken. */
const LICENCES: readonly { readonly id: string; readonly heading: RegExp }[] = [
  { id: 'Apache-2.0', heading: /Apache[- ]License|Apache[- ]2(?:\.0)?/i },
  { id: 'ISC', heading: /\bISC\b|Permission to use, copy, modify, and(?:\/or)? distribute/i },
  { id: 'BlueOak-1.0.0', heading: /Blue ?Oak/i },
  { id: 'BSD-3-Clause', heading: /BSD[- ]3|3-Clause BSD|"?New"? BSD|Neither the name/i },
  {
    id: 'BSD-2-Clause',
    heading: /BSD[- ]2|2-Clause BSD|Simplified BSD|Redistribution and use in source/i,
  },
  { id: 'MPL-2.0', heading: /Mozilla Public License/i },
  { id: '0BSD', heading: /\b0BSD\b|Zero-Clause BSD/i },
  { id: 'CC-BY-4.0', heading: /CC-BY-4|Attribution 4\.0/i },
  { id: 'CC0-1.0', heading: /CC0/i },
  { id: 'Unlicense', heading: /\bUnlicense\b/i },
  { id: 'Python-2.0', heading: /PSF|Python-2/i },
  { id: 'MIT', heading: /\bMIT\b|Permission is hereby granted, free of charge/i },
];

function findLicence(source: ReadText): readonly Evidence[] {
  const inLicenceFile = kindOfFile(source.path) === 'licence';
  const lines = source.text.split('\n');
  return lines.flatMap((line, index) => {
    if (
      !inLicenceFile &&
      !/licen[cs]e/i.test(line + (lines[index - 2] ?? '') + (lines[index - 1] ?? ''))
    ) {
      return [];
    }
    const match = LICENCES.map(({ heading }) => heading.exec(line)).find((found) => found !== null);
    return match == null ? [] : [{ value: match[0], weight: inLicenceFile ? 3 : 1 }];
  });
}

function findRepository(text: string, packageName: string): readonly Evidence[] {
  const own = packageName.slice(packageName.lastIndexOf('/') + 1).toLowerCase();
  return [...text.matchAll(/(?:https?:\/\/|git@|git:\/\/)github\.com[/:][\w-]+\/[\w.-]+/g)].map(
    ([value]) => ({ value, weight: value.toLowerCase().includes(own) ? 3 : 1 }),
  );
}

const COPYRIGHT =
  /(?:copyright\s*(?:©|\(c\))|©|(?:\(c\)|copyright)\s+(?=(?:19|20)\d\d))[\s\d,–-]*(?:present|now)?[\s,]*\[?(.{2,80})/i;
const CREDIT =
  /(?:@author|\bauthor:|\b(?:created|made|written|maintained) by)\s*\**\s*\[?(.{2,80})/i;

function findAuthor(source: ReadText): readonly Evidence[] {
  const weight = kindOfFile(source.path) === 'licence' ? 2 : 1;
  return source.text.split('\n').flatMap((line) => {
    const value = (COPYRIGHT.exec(line) ?? CREDIT.exec(line))?.[1]?.trim();
    return value !== undefined && /^\p{Lu}/u.test(value) ? [{ value, weight }] : [];
  });
}

function findBinaries(source: ReadText, packageName: string): readonly Evidence[] {
  if (kindOfFile(source.path) === 'code') {
    if (!source.text.startsWith('#!')) return [];
    const file = source.path.slice(source.path.lastIndexOf('/') + 1);
    const own = packageName.slice(packageName.lastIndexOf('/') + 1);
    const value = /^(?:cli|bin|index|main|cmd|run)\b/i.test(file) ? own : file;
    return [{ value, weight: 3 }];
  }
  return [
    ...source.text.matchAll(
      /^\s*(?:\$|>|npx)\s+(?:npx\s+)?(?!npm|yarn|pnpm|cd|git|node\b)([a-z][\w.-]*)/gm,
    ),
  ].map((match) => ({ value: match[1] ?? '', weight: 1 }));
}
