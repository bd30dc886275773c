import type { Attributes, Span } from '@opentelemetry/api';
import { nodeCrypto } from '../node-crypto';

/** One of each worker thread and each copy of this package: their runs are counted apart, and each count is whole. */
let process: string | null = null;
const ended = { successes: 0, failures: 0 };

/**
 * What the root of an execution says at its end, so that gaps show what a sampler downstream dropped, by how it went
 * (LEARNING 3, "Sampling"). Counts the run. `null` where nobody records the span, or it is counted already.
 *
 * @param failed - The run ended by an error that was thrown.
 */
export function countRun(span: Span, failed: boolean): Attributes | null {
  if (!span.isRecording()) return null;
  const said = saidBy(span);
  if ('evolution.seq.number' in said.attributes) return null;
  const isFailure = failed || saysFailure(said);
  if (isFailure) ended.failures += 1;
  else ended.successes += 1;
  return {
    'evolution.seq.process': (process ??= nodeCrypto().randomBytes(8).toString('hex')),
    'evolution.seq.number': ended.successes + ended.failures,
    'evolution.seq.successes': ended.successes,
    'evolution.seq.failures': ended.failures,
    'evolution.seq.failed': isFailure,
  };
}

interface Said {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status?: { readonly code: number };
}

/** The SDK's spans, and ours, can be read; of another's we know what we were told only. */
function saidBy(span: Span): Said {
  const { attributes, status } = span as Span & Partial<Said>;
  const readable = typeof attributes === 'object' && attributes !== null;
  return { attributes: readable ? attributes : {}, ...(status === undefined ? {} : { status }) };
}

const failures: ReadonlySet<unknown> = new Set(['failed', 'timed_out', 'cancelled']);
const ERROR = 2;

/** What is said of the run itself beats the status of its span. */
function saysFailure({ attributes, status }: Said): boolean {
  const success = attributes['execution.success'];
  if (typeof success === 'boolean') return !success;
  const execution = attributes['execution.status'];
  return typeof execution === 'string' ? failures.has(execution) : status?.code === ERROR;
}
