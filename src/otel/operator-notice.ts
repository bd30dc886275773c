import { writeSync } from 'node:fs';
import { types } from 'node:util';
import { reportProblem } from './report-problem';

const INTERVAL_MILLIS = 60_000;

// One for the process, although the CommonJS and the ESM copy of this package may both be loaded.
const key = Symbol.for('otel-evolution/1 notices');
interface Notices {
  silent: boolean;
  readonly lastMillis: Map<string, number>;
}
const shared = globalThis as { [key]?: Notices };

/** Keeps what follows to `diag`; for the whole process. */
export function silenceNotices(silent: boolean): void {
  notices().silent = silent;
}

/**
 * Tells whoever runs the process that data is being lost, or soon will be: always by `diag`, which is
 * silent by default, and in one line on stderr, at most once a minute for each topic.
 */
export function tellOperator(topic: string, what: string, reason?: unknown): void {
  reportProblem(what, reason);
  const { silent, lastMillis } = notices();
  const nowMillis = performance.now();
  if (silent || nowMillis - (lastMillis.get(topic) ?? -Infinity) < INTERVAL_MILLIS) return;
  lastMillis.set(topic, nowMillis);
  const line = `otel-evolution: ${what}${reason === undefined ? '' : `: ${inOneLine(reason)}`}`;
  try {
    // Not `process.stderr`: it reports a closed pipe as an event, which would end the host.
    writeSync(2, `${line.replace(/\s*\n\s*/g, ' ').slice(0, MAX_LINE_LENGTH)}\n`);
  } catch {
    // Nobody listens on stderr; `diag` was told.
  }
}

/** The same for what stays as it is while the process runs: said once, as the first of its topic. */
export function tellOperatorOnce(topic: string, what: string): void {
  const { lastMillis } = notices();
  if (lastMillis.has(topic)) return;
  tellOperator(topic, what);
  lastMillis.set(topic, performance.now());
}

const MAX_LINE_LENGTH = 1_000;

/** Message, cause and remedy. */
function inOneLine(reason: unknown): string {
  if (!types.isNativeError(reason)) return String(reason);
  const { message, cause, hint } = reason as Error & { readonly hint?: unknown };
  const because = types.isNativeError(cause) && cause.message !== '' ? ` (${cause.message})` : '';
  return `${message}${because}${typeof hint === 'string' ? ` ${hint}` : ''}`;
}

function notices(): Notices {
  return (shared[key] ??= { silent: false, lastMillis: new Map() });
}
