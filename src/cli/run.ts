import { diag, DiagLogLevel } from '@opentelemetry/api';
import { CommanderError } from 'commander';
import { EvolutionError, InputError } from '../errors';
import { silenceNotices, type ServeParts } from '../runtime';
import { problem, toProblem } from '../wire';
import { withoutCredentials } from '../without-credentials';
import { exitCodeOf, exitCodes } from './exit-codes';
import type { Io } from './io';
import { createProgram } from './program';

/** Runs one command line and resolves with its exit code; `arguments_` without node and script. */
export async function run(
  arguments_: readonly string[],
  terminal: Io,
  signal: AbortSignal,
  parts?: ServeParts,
): Promise<number> {
  let code: number = exitCodes.ok;
  // Also what others wrote: Commander repeats unknown options, drivers what they were given.
  const io: Io = { ...terminal, note: (text) => terminal.note(withoutCredentials(text)) };
  const json = arguments_.includes('--json');
  reportWarnings(io);
  const program = createProgram({
    io,
    signal,
    parts,
    exit: (chosen) => {
      code = chosen;
    },
    json,
  });
  try {
    await program.parseAsync(arguments_, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.ok;
      if (json) reportAsJson(io, toInputError(error));
      return exitCodes.badArgument;
    }
    if (json) reportAsJson(io, error);
    else report(io, error);
    return exitCodeOf(error);
  } finally {
    diag.disable();
  }
}

/** What the library tells the application's diagnostic logger goes to stderr here, and by no other way. */
function reportWarnings(io: Io): void {
  silenceNotices(true);
  const silent = (): void => {};
  const warn = (text: string, ...more: unknown[]): void =>
    io.note(
      [`warning: ${text.replace(/^otel-evolution: /, '')}`, ...more.map(messageOf)].join(': '),
    );
  diag.setLogger(
    { error: warn, warn, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

/** Commander writes `error: …` and, in parentheses, what was meant. */
function toInputError({ code, message }: CommanderError): InputError {
  if (code === 'commander.help') return new InputError('A command is missing; --help lists them.');
  return new InputError(message.replace(/^error: /, ''));
}

function reportAsJson(io: Io, error: unknown): void {
  const answer =
    error instanceof EvolutionError
      ? toProblem(error, null)
      : problem(500, 'internal', messageOf(error), null);
  io.note(JSON.stringify(answer));
}

function report(io: Io, error: unknown): void {
  const hint = error instanceof EvolutionError ? error.hint : null;
  io.note(`${io.noteColors.red('error:')} ${messageOf(error)}`);
  if (hint !== null) io.note(`${io.noteColors.dim('hint:')}  ${hint}`);
  if (error instanceof EvolutionError || !(error instanceof Error)) return;
  // A mistake of ours deserves its stack; one of the user's does not.
  if (error.stack !== undefined) io.note(error.stack);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
