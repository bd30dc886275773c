import { PassThrough, Readable } from 'node:stream';
import pc from 'picocolors';
import type { Io } from '../../src/cli/io';
import { run } from '../../src/cli/run';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CliOptions {
  /** Width of the terminal; piped unless told. */
  readonly columns?: number;
  readonly stdin?: Readable;
  readonly signal?: AbortSignal;
}

/** One command line in this process, through the same `run` as the program. */
export async function runCli(
  arguments_: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    stdin: options.stdin ?? Readable.from([]),
    write(text) {
      out.push(text);
      return Promise.resolve(true);
    },
    note: (text) => void err.push(`${text}\n`),
    stderr: new PassThrough(),
    columns: options.columns ?? null,
    interactive: false,
    colors: pc.createColors(false),
    noteColors: pc.createColors(false),
  };
  const code = await run(arguments_, io, options.signal ?? new AbortController().signal);
  return { code, out: out.join(''), err: err.join('') };
}
