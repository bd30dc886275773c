import { dirname, relative, resolve } from 'node:path';
import ts from 'typescript';

// Whoever names the result of a call in code of their own needs its type: what a public signature names of ours, a
// door of the package exports.

const root = resolve(__dirname, '..');
const source = resolve(root, 'src');
const entries = ['src/index.ts', 'src/openfeature/index.ts'].map((name) => resolve(root, name));

const config = ts.readConfigFile(resolve(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
const program = ts.createProgram(entries, options);
const checker = program.getTypeChecker();

/** Reached from a public signature: the symbol, and what names it. */
const reached = new Map<ts.Symbol, string>();
const queue: ts.Symbol[] = [];

test.each(entries.map((entry) => relative(root, entry)))(
  'every type of ours that a signature of %s reaches is exported',
  (name) => {
    const entry = resolve(root, name);
    const door = exportsOf(entry);
    const anywhere = new Set(entries.flatMap((one) => [...exportsOf(one)]));
    expect(door.size).toBeGreaterThan(2);
    reached.clear();
    for (const symbol of door) reach(symbol, 'the door');
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const declaration of next.declarations ?? []) walk(declaration, next.name);
    }
    const missing = [...reached]
      .filter(([symbol]) => !anywhere.has(symbol))
      .map(([symbol, by]) => `${symbol.name} (${fileOf(symbol)}), named by ${by}`);
    expect(missing.sort()).toEqual([]);
  },
);

function exportsOf(entry: string): Set<ts.Symbol> {
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!)!;
  return new Set(checker.getExportsOfModule(module).map(original));
}

function original(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function reach(symbol: ts.Symbol, by: string): void {
  if (reached.has(symbol) || !isOurs(symbol)) return;
  reached.set(symbol, by);
  queue.push(symbol);
}

function isOurs(symbol: ts.Symbol): boolean {
  const file = symbol.declarations?.[0]?.getSourceFile().fileName;
  return file !== undefined && file.startsWith(`${source}/`);
}

function fileOf(symbol: ts.Symbol): string {
  return relative(source, symbol.declarations![0]!.getSourceFile().fileName);
}

/** What a declaration file would say of this node: no bodies, no private members. */
function walk(node: ts.Node, by: string): void {
  if (ts.isBlock(node) || isHidden(node)) return;
  if (ts.isTypeReferenceNode(node)) nameType(node.typeName, by);
  else if (ts.isExpressionWithTypeArguments(node)) nameType(node.expression, by);
  else if (isUntyped(node)) walkType(checker.getTypeAtLocation(node), by, new Set());
  if (ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isPropertyDeclaration(node)) {
    // The value is code; its type was walked.
    if (node.type !== undefined) walk(node.type, by);
    return;
  }
  ts.forEachChild(node, (child) => {
    walk(child, by);
  });
}

function isHidden(node: ts.Node): boolean {
  if (ts.isClassElement(node) && node.name !== undefined && ts.isPrivateIdentifier(node.name)) {
    return true;
  }
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)
  );
}

/** A declaration whose type is what the compiler makes of its value. */
function isUntyped(node: ts.Node): boolean {
  return (
    (ts.isVariableDeclaration(node) ||
      ts.isPropertyDeclaration(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isMethodDeclaration(node) ||
      ts.isGetAccessorDeclaration(node)) &&
    node.type === undefined
  );
}

function nameType(name: ts.Node, by: string): void {
  const symbol = checker.getSymbolAtLocation(name);
  if (symbol === undefined) return;
  const named = original(symbol);
  if (!(named.flags & ts.SymbolFlags.TypeParameter)) reach(named, by);
}

function walkType(type: ts.Type, by: string, seen: Set<ts.Type>): void {
  if (seen.has(type)) return;
  seen.add(type);
  for (const argument of type.aliasTypeArguments ?? []) walkType(argument, by, seen);
  if (type.aliasSymbol !== undefined) return reach(type.aliasSymbol, by);
  if (type.isUnionOrIntersection()) {
    for (const part of type.types) walkType(part, by, seen);
    return;
  }
  for (const argument of checker.getTypeArguments(type as ts.TypeReference)) {
    walkType(argument, by, seen);
  }
  if (type.isClassOrInterface()) return reach(type.symbol, by);
  for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) {
    walkType(signature.getReturnType(), by, seen);
    for (const parameter of signature.getParameters()) {
      walkType(checker.getTypeOfSymbol(parameter), by, seen);
    }
  }
}

test('there is something to walk', () => {
  expect(dirname(entries[0]!)).toBe(source);
  expect(exportsOf(entries[0]!).size).toBeGreaterThan(100);
});
