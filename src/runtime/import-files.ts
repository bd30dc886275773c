import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { InputError } from '../errors';
import type { ImportFormat, ImportedRun } from '../importers';
import { openImport } from '../importers';
import type { FileReport, ImportReport, RefusalCount } from '../model/import-report';
import type { IngestBatch, IngestResult, SpanSink } from '../model/ports';
import type { SpanRecord } from '../model/span';
import { decodeTracesJson } from '../otlp';
import { interpretSpan } from '../semantics';

export interface ImportOptions {
  readonly sink: SpanSink;
  /** Paths; `-` is `stdin`. */
  readonly files: readonly string[];
  readonly stdin: Readable;
  readonly format: ImportFormat | 'auto';
  /** Checked between batches: what was stored stays stored. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
}

export interface ImportProgress {
  readonly file: string;
  /** Bytes read so far, and of the whole file (`null` for stdin). */
  readonly bytes: number;
  readonly totalBytes: number | null;
  readonly spans: number;
}

/** Spans that go into one transaction: large enough to share an fsync, small enough to stay flat in memory. */
const batchSpans = 250;

/**
 * Stores the runs of files one after the other. A bad record is refused and counted, its neighbours
 * are stored. So is, among several, a file that cannot be read or whose format nobody knows; a single
 * one throws `InputError`.
 */
export async function importFiles(options: ImportOptions): Promise<ImportReport> {
  const whole = new Census();
  const files: FileReport[] = [];
  for (const file of options.files) {
    const imported = importFile(file, options, whole);
    files.push(
      await (options.files.length > 1 ? refusing(file, imported) : naming(file, imported)),
    );
    if (options.signal?.aborted === true) break;
  }
  const sum = (pick: (report: FileReport) => number): number =>
    files.reduce((total, report) => total + pick(report), 0);
  return {
    files,
    totals: {
      tasks: whole.tasks(),
      executions: whole.executions(),
      spans: sum((report) => report.spans),
      rewards: sum((report) => report.rewards),
      refused: sum((report) => report.refused.reduce((total, { count }) => total + count, 0)),
    },
  };
}

/** A file that nothing can be read from is refused like a record. */
async function refusing(file: string, imported: Promise<FileReport>): Promise<FileReport> {
  try {
    return await imported;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const refused = [{ reason: error.message, count: 1, where: 'the whole file' }];
    return { file, format: null, tasks: 0, executions: 0, spans: 0, rewards: 0, refused };
  }
}

/** Says which file an error is about. */
async function naming<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { code, hint, message } = error;
    throw new InputError(`${file === '-' ? 'standard input' : file}: ${message}`, {
      code,
      cause: error,
      ...(hint === null ? {} : { hint }),
    });
  }
}

async function importFile(
  file: string,
  { sink, stdin, format, signal, onProgress }: ImportOptions,
  whole: Census,
): Promise<FileReport> {
  const census = new Census();
  const refusals = new Refusals();
  let detected: ImportFormat | null = null;
  let spans = 0;
  let rewards = 0;
  let bytes = 0;
  const totalBytes = file === '-' ? null : await sizeOf(file);
  const runs = openImport({
    input: file === '-' ? stdin : createReadStream(file),
    name: file === '-' ? 'stdin' : basename(file),
    format,
    decodeOtlpJson: (value) =>
      decodeTracesJson(value, { maxRecords: Infinity, maxValues: Infinity }),
    onFormat: (found) => {
      detected = found;
    },
    onBytes: (count) => {
      bytes += count;
    },
  });
  for await (const batch of inBatches(runs, refusals)) {
    const stored = keepAccepted(batch, await sink.accept(batch), refusals);
    for (const span of stored.spans) census.add(span);
    spans += stored.spans.length;
    rewards += stored.rewards;
    onProgress?.({ file, bytes, totalBytes, spans });
    if (signal?.aborted === true) break;
  }
  whole.merge(census);
  return {
    file,
    format: detected,
    tasks: census.tasks(),
    executions: census.executions(),
    spans,
    rewards: rewards + census.spanRewards,
    refused: refusals.list(),
  };
}

function keepAccepted(
  batch: IngestBatch,
  { refused }: IngestResult,
  refusals: Refusals,
): { spans: readonly SpanRecord[]; rewards: number } {
  for (const { reason, part, index } of refused) refusals.add(reason, `${part} ${index}`);
  const lost = new Set(refused.filter(({ part }) => part === 'spans').map(({ index }) => index));
  const lostRewards = refused.filter(({ part }) => part === 'rewards').length;
  return {
    spans: lost.size === 0 ? batch.spans : batch.spans.filter((_, index) => !lost.has(index)),
    rewards: (batch.rewards?.length ?? 0) - lostRewards,
  };
}

async function sizeOf(file: string): Promise<number> {
  try {
    const info = await stat(file);
    if (info.isFile()) return info.size;
  } catch (cause) {
    throw new InputError(`cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
  throw new InputError('this is not a file.', { hint: 'Name files; a shell expands *.json.' });
}

async function* inBatches(
  runs: AsyncIterable<ImportedRun>,
  refusals: Refusals,
): AsyncIterable<IngestBatch> {
  let spans: ImportedRun['spans'][number][] = [];
  let rewards: ImportedRun['rewards'][number][] = [];
  for await (const run of runs) {
    for (const { reason, where } of run.refused) refusals.add(reason, where);
    spans.push(...run.spans);
    rewards.push(...run.rewards);
    if (spans.length >= batchSpans) {
      yield { spans, rewards };
      spans = [];
      rewards = [];
    }
  }
  if (spans.length > 0 || rewards.length > 0) yield { spans, rewards };
}

class Refusals {
  readonly #counts = new Map<string, { count: number; where: string }>();

  add(reason: string, where: string): void {
    const known = this.#counts.get(reason);
    if (known === undefined) this.#counts.set(reason, { count: 1, where });
    else known.count += 1;
  }

  list(): RefusalCount[] {
    return [...this.#counts].map(([reason, { count, where }]) => ({ reason, count, where }));
  }
}

/** Which tasks and executions the spans name, by the membership rule of the store. */
class Census {
  readonly #executions = new Set<string>();
  readonly #tasks = new Set<string>();
  /** Executions, explicit or by trace id, whose task has an id of its own. */
  readonly #withTask = new Set<string>();
  readonly #explicitTraces = new Set<string>();
  readonly #agenticTraces = new Set<string>();
  spanRewards = 0;

  add(span: SpanRecord): void {
    const { carrier, executionId, rewards, role, taskId } = interpretSpan(span);
    this.spanRewards += rewards.length;
    if (carrier) return;
    if (executionId !== null) {
      this.#executions.add(executionId);
      this.#explicitTraces.add(span.traceId);
    } else if (taskId !== null || role === 'agent' || role === 'llm' || role === 'tool') {
      this.#agenticTraces.add(span.traceId);
    }
    if (taskId !== null) {
      this.#tasks.add(taskId);
      this.#withTask.add(executionId ?? span.traceId);
    }
  }

  merge(other: Census): void {
    for (const id of other.#executions) this.#executions.add(id);
    for (const id of other.#tasks) this.#tasks.add(id);
    for (const id of other.#withTask) this.#withTask.add(id);
    for (const id of other.#explicitTraces) this.#explicitTraces.add(id);
    for (const id of other.#agenticTraces) this.#agenticTraces.add(id);
  }

  executions(): number {
    return this.#executions.size + this.#implicit().length;
  }

  tasks(): number {
    const ids = [...this.#executions, ...this.#implicit()];
    return this.#tasks.size + ids.filter((id) => !this.#withTask.has(id)).length;
  }

  /** Traces that are an execution themselves, because no span of them names one. */
  #implicit(): string[] {
    return [...this.#agenticTraces].filter((id) => !this.#explicitTraces.has(id));
  }
}
