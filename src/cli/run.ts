import { CommanderError } from 'commander';
import { EvolutionError } from '../errors';
import { exitCodeOf, exitCodes } from './exit-codes';
import type { Io } from './io';
import { createProgram } from './program';

/** Runs one command line and resolves with its exit code; `arguments_` without node and script. */
export async function run(
  arguments_: readonly string[],
  io: Io,
  signal: AbortSignal,
): Promise<number> {
  let code: number = exitCodes.ok;
  const program = createProgram({
    io,
    signal,
    exit: (chosen) => {
      code = chosen;
    },
  });
  try {
    await program.parseAsync(arguments_, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.badArgument;
    }
    report(io, error, arguments_.includes('--json'));
    return exitCodeOf(error);
  }
}

function report(io: Io, error: unknown, json: boolean): void {
  const known = error instanceof EvolutionError ? error : null;
  const detail = error instanceof Error ? error.message : String(error);
  if (json) {
    const code = known?.code ?? 'internal';
    io.note(
      JSON.stringify({
        type: 'about:blank',
        title: 'Error',
        code,
        detail,
        hint: known?.hint ?? null,
      }),
    );
    return;
  }
  io.note(`${io.noteColors.red('error:')} ${detail}`);
  if (known?.hint != null) io.note(`${io.noteColors.dim('hint:')}  ${known.hint}`);
  // A mistake of ours deserves its stack; one of the user's does not.
  if (known === null && error instanceof Error && error.stack !== undefined) io.note(error.stack);
}
