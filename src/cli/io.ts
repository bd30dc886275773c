import type { Readable, Writable } from 'node:stream';
import pc from 'picocolors';

type Colors = ReturnType<typeof pc.createColors>;

/** The one place that touches the terminal. Data goes to stdout, everything else to stderr. */
export interface Io {
  readonly stdin: Readable;
  /** Waits while the reader is slow; resolves `false` once the reader has gone. */
  write(text: string): Promise<boolean>;
  /** Progress, log and plots. */
  note(text: string): void;
  readonly stderr: Writable;
  /** Columns of the terminal on stdout; `null` when piped: then nothing is cut or drawn. */
  readonly columns: number | null;
  /** Somebody watches stderr. */
  readonly interactive: boolean;
  /** Colours for stdout and for stderr: identity unless it is a terminal. */
  readonly colors: Colors;
  readonly noteColors: Colors;
}

export function processIo(): Io {
  const { stdin, stdout, stderr } = process;
  let readerGone = false;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    readerGone = true; // `otel-evolution spans | head` is no failure
  });
  return {
    stdin,
    async write(text) {
      if (readerGone) return false;
      if (!stdout.write(text)) await untilWritable(stdout);
      return !readerGone;
    },
    note: (text) => void stderr.write(`${text}\n`),
    stderr,
    columns: stdout.isTTY ? stdout.columns : null,
    interactive: stderr.isTTY,
    colors: colorsOf(stdout),
    noteColors: colorsOf(stderr),
  };
}

/** `isTTY` is undefined of a pipe, for which picocolors would ask the environment: CI=true coloured what was piped. */
function colorsOf({ isTTY }: { readonly isTTY?: boolean }): Colors {
  return pc.createColors(isTTY === true && pc.isColorSupported);
}

/** Resolves when the stream takes more, or never will; what went wrong is its own listener's affair. */
function untilWritable(stream: Writable): Promise<void> {
  const events = ['drain', 'close', 'error'] as const;
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) stream.off(event, done);
      resolve();
    };
    for (const event of events) stream.on(event, done);
  });
}
