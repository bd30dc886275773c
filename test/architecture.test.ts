import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

// The law of rooms (src/README.md), read from the imports themselves.

const root = resolve(__dirname, '..');
const source = join(root, 'src');

/** Rooms that anybody may use: values and errors. */
const corridor = ['model', 'errors', 'database-url', 'node-crypto', 'without-credentials'];

/** The one place in an agent's process that may write to its stderr. */
const noticeWriter = join('otel', 'operator-notice.ts');

/** Every further edge there is. */
const edges: Readonly<Record<string, readonly string[]>> = {
  learning: ['stats'],
  adaptation: ['stats', 'experiments'],
  experiments: ['stats'],
  store: ['stats'],
  runtime: [
    'config',
    'conformance',
    'semantics',
    'otel',
    'otlp',
    'importers',
    'exporters',
    'store',
    'instrumentation',
    'learning',
    'experiments',
    'adaptation',
    'api',
    'report',
    'wire',
  ],
  register: ['runtime'],
  openfeature: ['instrumentation'],
  index: ['runtime', 'instrumentation', 'learning', 'experiments', 'adaptation', 'stats', 'wire'],
  demo: ['index', 'stats'],
  api: ['wire', 'stats'],
  report: ['wire', 'stats'],
  cli: ['runtime', 'wire', 'demo'],
  // Types only: it speaks to the API over HTTP.
  dashboard: ['wire'],
};

/** In the order of the data; those on one line do not know each other, and what stands beside them knows all. */
const learningFolders = [
  ['features'],
  ['units'],
  ['candidates'],
  ['comparison'],
  ['look'],
  ['findings'],
  ['follow-up', 'audit', 'questions'],
];

/** Packages that a room may import at run time; a type-only import is free. */
const packageOwners: Readonly<Record<string, readonly string[]>> = {
  knex: ['store'],
  sqlite3: ['store'],
  'better-sqlite3': ['store'],
  libsql: ['store'],
  pg: ['store'],
  hono: ['api'],
  '@hono/node-server': ['api'],
  'prom-client': ['api'],
  zod: ['wire', 'api'],
  commander: ['cli'],
  'cli-progress': ['cli'],
  'cli-table3': ['cli'],
  picocolors: ['cli'],
  'csv-stringify': ['exporters'],
  'fastest-levenshtein': ['errors', 'store'],
  react: ['dashboard'],
  'react-dom': ['dashboard'],
  '@mantine/core': ['dashboard'],
  '@mantine/hooks': ['dashboard'],
  '@mantine/spotlight': ['dashboard'],
  '@tabler/icons-react': ['dashboard'],
  '@tanstack/react-query': ['dashboard'],
  '@tanstack/react-router': ['dashboard'],
  '@tanstack/react-virtual': ['dashboard'],
};

interface Import {
  readonly from: string;
  readonly specifier: string;
  readonly target: string | null;
  readonly typeOnly: boolean;
}

const files = listFiles(source);
const imports = files.flatMap(readImports);

test('there is something to check', () => {
  expect(files.length).toBeGreaterThan(50);
  expect(imports.length).toBeGreaterThan(100);
});

test('every import is an edge of the house', () => {
  const forbidden = imports
    .filter(({ from, target }) => target !== null && !isAllowed(roomOf(from), roomOf(target)))
    .map(({ from, target }) => `${relative(source, from)} -> ${relative(source, target ?? '')}`);
  expect(forbidden).toEqual([]);
});

test('a room is entered by its door only', () => {
  const broken = imports
    .filter(
      ({ from, target }) =>
        target !== null &&
        roomOf(from) !== roomOf(target) &&
        !corridor.includes(roomOf(target)) &&
        relative(source, target).split(sep).length > 1 &&
        !target.endsWith(`${sep}index.ts`),
    )
    .map(({ from, target }) => `${relative(source, from)} -> ${relative(source, target ?? '')}`);
  expect(broken).toEqual([]);
});

test('the dashboard takes nothing but types from elsewhere', () => {
  const code = imports
    .filter(
      ({ from, target, typeOnly }) => target !== null && !typeOnly && roomOf(from) === 'dashboard',
    )
    .filter(({ target }) => roomOf(target ?? '') !== 'dashboard')
    .map(({ from, target }) => `${relative(source, from)} -> ${relative(source, target ?? '')}`);
  expect(code).toEqual([]);
});

test('a package is used in its room', () => {
  const strays = imports
    .filter(({ target, typeOnly }) => target === null && !typeOnly)
    .filter(({ from, specifier }) => {
      const owners = packageOwners[packageName(specifier)];
      return owners !== undefined && !owners.includes(roomOf(from));
    })
    .map(({ from, specifier }) => `${relative(source, from)} -> ${specifier}`);
  expect(strays).toEqual([]);
});

test('learning goes forward: a folder knows those before it', () => {
  const learning = join(source, 'learning');
  const placeOf = (file: string): number => {
    const [folder, ...rest] = relative(learning, file).split(sep);
    const place = learningFolders.findIndex((names) => names.includes(folder ?? ''));
    if (rest.length > 0 && place < 0) throw new Error(`${folder} is not among the folders`);
    return rest.length === 0 ? learningFolders.length : place;
  };
  const inside = imports.filter(
    ({ from, target }) => roomOf(from) === 'learning' && roomOf(target ?? '') === 'learning',
  );
  expect(inside.length).toBeGreaterThan(100);
  const back = inside
    .filter(({ from, target }) => dirname(from) !== dirname(target ?? ''))
    .filter(({ from, target }) => placeOf(from) <= placeOf(target ?? ''))
    .map(({ from, target }) => `${relative(source, from)} -> ${relative(source, target ?? '')}`);
  expect(back).toEqual([]);
});

test('no cycle, types included', () => {
  expect(findCycle()).toEqual([]);
});

test("only config reads the environment, only cli/io and the guest's notice write to the console", () => {
  const readers = files.filter((file) => roomOf(file) !== 'config' && uses(file, /^process\.env$/));
  expect(readers.map((file) => relative(source, file))).toEqual([]);
  const writers = files.filter(
    (file) =>
      !file.endsWith(join('cli', 'io.ts')) && uses(file, /^console\.|^process\.(stdout|stderr)$/),
  );
  expect(writers.map((file) => relative(source, file))).toEqual([]);
  const raw = files.filter((file) => /writeSync\([12],/.test(readFileSync(file, 'utf8')));
  expect(raw.map((file) => relative(source, file))).toEqual([noticeWriter]);
});

test('no file over 300 and no function over 50 lines of logic', () => {
  const tooLong = files.flatMap((file) => [...longParts(file)]);
  expect(tooLong).toEqual([]);
});

function isAllowed(from: string, to: string): boolean {
  if (from === to) return true;
  if (from === 'model') return false;
  return corridor.includes(to) || (edges[from] ?? []).includes(to);
}

function roomOf(file: string): string {
  const [first = ''] = relative(source, file).split(sep);
  return first.replace(/\.ts$/, '');
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function listFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return listFiles(path);
    return /\.tsx?$/.test(name) ? [path] : [];
  });
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
}

function readImports(file: string): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      const typeOnly = ts.isImportDeclaration(node)
        ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
        : node.isTypeOnly;
      found.push(toImport(file, node.moduleSpecifier.text, typeOnly));
    }
    const [argument] = ts.isCallExpression(node) ? node.arguments : [];
    if (
      ts.isCallExpression(node) &&
      node.expression.kind === ts.SyntaxKind.ImportKeyword &&
      argument !== undefined &&
      ts.isStringLiteral(argument)
    ) {
      found.push(toImport(file, argument.text, false));
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(file));
  return found;
}

function toImport(from: string, specifier: string, typeOnly: boolean): Import {
  if (!specifier.startsWith('.')) return { from, specifier, target: null, typeOnly };
  const base = resolve(dirname(from), specifier);
  const target = [`${base}.ts`, `${base}.tsx`, join(base, 'index.ts')].find((path) =>
    files.includes(path),
  );
  return { from, specifier, target: target ?? null, typeOnly };
}

function findCycle(): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    path.push(file);
    for (const { target } of imports.filter(({ from }) => from === file)) {
      const cycle = target === null ? [] : walk(target);
      if (cycle.length > 0) return cycle;
    }
    path.pop();
    done.add(file);
    return [];
  };
  for (const file of files) {
    const cycle = walk(file);
    if (cycle.length > 0) return cycle.map((part) => relative(source, part));
  }
  return [];
}

/** Whether the code, comments apart, reads a member whose text matches. */
function uses(file: string, member: RegExp): boolean {
  const tree = parse(file);
  let found = false;
  const visit = (node: ts.Node): void => {
    found ||= ts.isPropertyAccessExpression(node) && member.test(node.getText(tree));
    // `const { env } = process`
    found ||=
      ts.isBindingElement(node) &&
      ts.isVariableDeclaration(node.parent.parent) &&
      member.test(`${node.parent.parent.initializer?.getText(tree)}.${node.name.getText(tree)}`);
    if (!found) ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function* longParts(file: string): Generator<string> {
  const tree = parse(file);
  const name = relative(source, file);
  const total = logicLines(tree, tree);
  if (total > 300) yield `${name}: ${total} lines`;
  const functions: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) functions.push(node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  for (const node of functions) {
    const lines = logicLines(node, tree, isMarkup);
    if (lines > 50) {
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart(tree));
      yield `${name}:${line + 1}: a function of ${lines} lines`;
    }
  }
}

/** Lines that hold a token: comments and blank lines are free, and what is told to be left out. */
function logicLines(
  node: ts.Node,
  tree: ts.SourceFile,
  isFree: (part: ts.Node) => boolean = () => false,
): number {
  const lines = new Set<number>();
  const visit = (part: ts.Node, free: boolean): void => {
    // A door is a list of names.
    if (ts.isExportDeclaration(part)) return;
    // Code within markup (a handler, a list's row) is code again.
    const counts = !(free || isFree(part)) || ts.isFunctionLike(part);
    if (counts && part.getChildCount(tree) === 0 && part.getWidth(tree) > 0) {
      lines.add(tree.getLineAndCharacterOfPosition(part.getStart(tree)).line);
    }
    part.getChildren(tree).forEach((child) => visit(child, !counts));
  };
  visit(node, false);
  return lines.size;
}

function isMarkup(node: ts.Node): boolean {
  return ts.isJsxElement(node) || ts.isJsxSelfClosingElement(node) || ts.isJsxFragment(node);
}
