import { gzipSync } from 'node:zlib';
import type { Answer } from './answer';
import { EvolutionError } from '../errors';
import { type Attempt, type Bench, type Finding, type Rule, unknown, type Variant } from './rule';
import { rulesOfAnswers } from './rules-of-answers';
import { rulesOfContent } from './rules-of-content';

export interface ConformanceOptions {
  /** Where `/v1/traces` and `/v1/logs` are, e.g. `http://127.0.0.1:4318`. */
  readonly url: string;
  /** With every request, e.g. a token. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How many spans of a trace are stored. @defaultValue nobody counts */
  readonly count?: ((traceId: string) => Promise<number>) | undefined;
  readonly fetch: typeof globalThis.fetch;
  /** Makes trace ids, 16 bytes. */
  readonly randomBytes: (size: number) => Uint8Array;
  readonly signal?: AbortSignal | undefined;
  readonly onResult?: ((result: ConformanceResult) => void) | undefined;
}

export interface ConformanceResult {
  readonly id: string;
  readonly level: Rule['level'];
  readonly text: string;
  readonly reference: string;
  /** e.g. `json, gzip`. */
  readonly variant: string;
  /** `unknown`: it would take somebody who counts. */
  readonly outcome: 'passed' | 'failed' | 'unknown';
  /** What came in place of what was expected; `null` unless it failed. */
  readonly detail: string | null;
}

const everyVariant: readonly Variant[] = [
  { encoding: 'protobuf', gzip: false },
  { encoding: 'protobuf', gzip: true },
  { encoding: 'json', gzip: false },
  { encoding: 'json', gzip: true },
];

/** A request takes no longer than a client waits, ms. */
const requestTimeoutMillis = 10_000;

/**
 * Tries every rule of OTLP/HTTP in every variant against any endpoint, one after the other. A request that fails
 * altogether is a rule that failed.
 *
 * @throws EvolutionError `endpoint_unreachable` when nothing answers at all
 */
export async function runConformance(
  options: ConformanceOptions,
): Promise<readonly ConformanceResult[]> {
  await mustAnswer(options);
  const results: ConformanceResult[] = [];
  for (const rule of [...rulesOfAnswers, ...rulesOfContent]) {
    for (const variant of rule.variants ?? everyVariant) {
      if (options.signal?.aborted) return results;
      const finding = await tryRule(rule, createBench(options, variant));
      const result = toResult(rule, variant, finding);
      results.push(result);
      options.onResult?.(result);
    }
  }
  return results;
}

async function tryRule(rule: Rule, bench: Bench): Promise<Finding> {
  try {
    return await rule.check(bench);
  } catch (error) {
    return reasonOf(error);
  }
}

async function mustAnswer({ url, fetch }: ConformanceOptions): Promise<void> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(requestTimeoutMillis) });
  } catch (error) {
    throw new EvolutionError(
      'endpoint_unreachable',
      `Nothing answers at ${url}: ${reasonOf(error)}.`,
    );
  }
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const reason = (cause as NodeJS.ErrnoException | undefined)?.message;
  return reason === undefined ? message : `${message}: ${reason}`;
}

function toResult(rule: Rule, { encoding, gzip }: Variant, finding: Finding): ConformanceResult {
  const { id, level, text, reference } = rule;
  const outcome = finding === null ? 'passed' : finding === unknown ? 'unknown' : 'failed';
  return {
    id,
    level,
    text,
    reference,
    variant: gzip ? `${encoding}, gzip` : encoding,
    outcome,
    detail: typeof finding === 'string' ? finding : null,
  };
}

function createBench(options: ConformanceOptions, variant: Variant): Bench {
  return {
    variant,
    newTraceId: () => Buffer.from(options.randomBytes(16)).toString('hex'),
    count: async (traceId) => (options.count ? options.count(traceId) : null),
    send: (attempt) => send(options, variant, attempt),
  };
}

async function send(
  { url, headers, fetch }: ConformanceOptions,
  { encoding, gzip }: Variant,
  attempt: Attempt,
): Promise<Answer> {
  const compressed = gzip && attempt.raw !== true;
  const body = compressed ? gzipSync(attempt.body) : attempt.body;
  const response = await fetch(`${url.replace(/\/$/, '')}${attempt.path ?? '/v1/traces'}`, {
    method: attempt.method ?? 'POST',
    headers: {
      'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
      ...(compressed && { 'content-encoding': 'gzip' }),
      ...headers,
      ...attempt.headers,
    },
    body: attempt.chunked === true ? inChunks(body) : new Blob([Uint8Array.from(body)]),
    ...(attempt.chunked === true && { duplex: 'half' }),
    signal: AbortSignal.timeout(requestTimeoutMillis),
  });
  return {
    status: response.status,
    contentType: (response.headers.get('content-type') ?? '').split(';')[0]!.trim(),
    headers: response.headers,
    body: new Uint8Array(await response.arrayBuffer()),
  };
}

function inChunks(body: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= body.length) controller.close();
      else controller.enqueue(body.subarray(at, (at += 64)));
    },
  });
}
