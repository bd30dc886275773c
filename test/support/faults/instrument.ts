import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Plugin } from 'esbuild';
import ts from 'typescript';

/**
 * A fault point at every call that the in-process path makes: `f(x)` becomes `(point(7), f(x))`, and `await f(x)`
 * becomes `await (point(7) ?? f(x))`. Made while bundling, so that the package itself knows nothing of it and pays nothing.
 */
export interface FaultPoint {
  readonly id: number;
  /** `room/file.ts:line call`. */
  readonly name: string;
  /** Its result is awaited at once: it may also reject, or never settle. */
  readonly awaited: boolean;
}

/** What runs in the agent's process; the store behind the sink answers for itself by its own tests. */
const inProcess = [
  /^src\/instrumentation\//,
  /^src\/otel\//,
  /^src\/runtime\/(evolution-span-processor|evolution-target|feeds|guest-intake|ingest|prior-runs|reaching-tracer|spool)\.ts$/,
];

/**
 * The application's own operations that pass through us, its agent's among them: a fault there is the application's. What
 * of ours surrounds each of them is not left out.
 */
const passedThrough =
  /^(Reflect\.\w+|call|fn|run|step|work|then|read|cancel|resolve|reject|onError|onRejected|onValue|reader\.\w+|source\.getReader|stream\.getReader.*|controller\.\w+|controller\.byobRequest\?\.respond|result\.then|settled\.then)$/s;

/** Guards cannot guard themselves: they are a `try` around everything, and what they call is not left out. One look of Node's is among them. */
const guards =
  /^(types\.isPromise|safely|harmless|trackCall|watched|noteStep|reportProblem|tellOperator|observer\.(end|item|run)|listener\.(item|ending|ended))$/;

export function instrument(root: string, points: FaultPoint[]): Plugin {
  return {
    name: 'fault points',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const name = relative(root, path).replaceAll('\\', '/');
        if (!inProcess.some((pattern) => pattern.test(name))) return undefined;
        return { contents: withPoints(name, readFileSync(path, 'utf8'), points), loader: 'ts' };
      });
    },
  };
}

function withPoints(name: string, text: string, points: FaultPoint[]): string {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
  const inserts: { at: number; text: string; order: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isPoint(node)) {
      const whole = wholeChain(node);
      const awaited = ts.isAwaitExpression(whole.parent);
      const id = points.length;
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      const called = node.expression.getText(file).replace(/\s+/g, ' ').slice(0, 60);
      points.push({ id, name: `${name}:${line + 1} ${called}`, awaited });
      const [start, end] = [whole.getStart(file), whole.getEnd()];
      inserts.push({
        at: start,
        text: `(globalThis.faultPoint(${id})${awaited ? ' ?? ' : ', '}`,
        order: start - end,
      });
      inserts.push({ at: end, text: ')', order: Number.MAX_SAFE_INTEGER });
    }
    ts.forEachChild(node, visit);
  };
  const isPoint = (node: ts.CallExpression): boolean => {
    const { kind } = node.expression;
    if (kind === ts.SyntaxKind.SuperKeyword || kind === ts.SyntaxKind.ImportKeyword) return false;
    if (isMadeOnce(node)) return false;
    const called = node.expression.getText(file);
    return !passedThrough.test(called) && !guards.test(called);
  };
  visit(file);
  // Outer calls that begin at the same place come first.
  inserts.sort((a, b) => a.at - b.at || closing(a) - closing(b) || a.order - b.order);
  let result = '';
  let from = 0;
  for (const { at, text: piece } of inserts) {
    result += text.slice(from, at) + piece;
    from = at;
  }
  return result + text.slice(from);
}

const closing = ({ text }: { text: string }): number => (text === ')' ? 0 : 1);

/** Outside of any function: runs when the module is loaded, where an error is told to whoever imports it. */
function isMadeOnce(node: ts.Node): boolean {
  for (let at = node.parent; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isFunctionLike(at)) return false;
  }
  return true;
}

/** `a?.b().c()` is cut short as a whole. */
function wholeChain(node: ts.Expression): ts.Expression {
  let whole: ts.Expression = node;
  while (ts.isOptionalChain(whole) && isLink(whole.parent, whole)) {
    whole = whole.parent as ts.Expression;
  }
  return whole;
}

function isLink(parent: ts.Node, child: ts.Node): boolean {
  if (!ts.isOptionalChain(parent)) return false;
  return (parent as ts.CallExpression | ts.PropertyAccessExpression).expression === child;
}
