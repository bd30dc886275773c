import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { InputError } from '../../errors';
import { formatByteSize, parseByteSize } from '../../model/byte-size';
import type { RemovalQuery } from '../../model/ports-upkeep';
import { backUp, type Evolution, reinterpretStore } from '../../runtime';
import { parseInstant, pruneToWire, type PruneReport, reinterpretedToWire } from '../../wire';
import type { CliContext, DatabaseOptions, JsonOption } from '../context';
import { databaseOption, jsonOption, printJson, withEvolution } from '../context';
import { exitCodes } from '../exit-codes';
import { count } from '../format/numbers';
import type { Io } from '../io';
import { createProgressBar } from '../progress-bar';

interface PruneOptions extends DatabaseOptions, JsonOption {
  readonly olderThan?: bigint;
  readonly maxSize?: number;
  readonly task?: string;
  readonly session?: string;
  readonly user?: string;
  readonly dryRun?: boolean;
}

/** `prune`, `backup`, `reinterpret`. */
export function addUpkeepCommands(program: Command, context: CliContext): void {
  addPrune(program, context);
  addBackup(program, context);
  addReinterpret(program, context);
}

function addPrune(program: Command, { io, signal, exit }: CliContext): void {
  program
    .command('prune')
    .description('Remove what is old or too much, or all that is known of a task, session or user')
    .addOption(databaseOption())
    .option('--older-than <time>', 'traces that started before: 30d, 12h, 2026-01-31', parseTime)
    .option('--max-size <size>', 'the oldest traces until the data is smaller: 2GB', parseSize)
    .option('--task <id>', 'everything of one task')
    .option('--session <id>', 'everything of one session')
    .option('--user <id>', 'everything of one user: executions with a span whose user.id it is')
    .option('--dry-run', 'say what would go, and remove nothing')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nBy age and size spans go; executions, frozen records, judgements and patterns stay.\n' +
        'By task, session and user executions, records and judgements go too.',
    )
    .action((options: PruneOptions) => {
      const queries = queriesOf(options);
      return withEvolution(options, async ({ store }) => {
        const report = await prune(store, queries, options.dryRun === true, io, signal);
        if (options.json === true) await printJson(io, pruneToWire(report));
        else await printPruned(io, report);
        if (signal.aborted) exit(exitCodes.interrupted);
      });
    });
}

function queriesOf(options: PruneOptions): readonly (readonly [PruneReason, RemovalQuery])[] {
  const { olderThan, maxSize, task, session, user } = options;
  const queries: [PruneReason, RemovalQuery][] = [];
  if (task !== undefined) queries.push(['task', { taskId: task }]);
  if (session !== undefined) queries.push(['session', { sessionId: session }]);
  if (user !== undefined) queries.push(['user', { userId: user }]);
  if (olderThan !== undefined) queries.push(['age', { olderThanUnixNano: olderThan }]);
  if (maxSize !== undefined) queries.push(['size', { maxBytes: maxSize }]);
  if (queries.length > 0) return queries;
  throw new InputError('Nothing says what to remove.', {
    hint: 'Give --older-than, --max-size, --task, --session or --user; --dry-run only counts.',
  });
}

type PruneReason = PruneReport['removed'][number]['by'];

async function prune(
  store: Evolution['store'],
  queries: readonly (readonly [PruneReason, RemovalQuery])[],
  dryRun: boolean,
  io: Io,
  signal: AbortSignal,
): Promise<PruneReport> {
  const removed: PruneReport['removed'][number][] = [];
  for (const [by, query] of queries) {
    if (signal.aborted) break;
    const total =
      dryRun || !io.interactive ? 0 : (await store.remove({ ...query, dryRun: true })).spans;
    const bar = createProgressBar(io, `pruning by ${by}`);
    const part = await store
      .remove({
        ...query,
        dryRun,
        signal,
        onProgress: ({ traces, spans }) => bar.update(spans, total, `${count(traces)} traces`),
      })
      .finally(() => bar.stop());
    removed.push({ by, ...part });
  }
  return { dryRun, removed, reclaimed: dryRun ? null : await store.reclaim() };
}

async function printPruned(io: Io, { dryRun, removed, reclaimed }: PruneReport): Promise<void> {
  for (const { by, traces, spans, executions } of removed) {
    const whole = executions > 0 ? ` · ${count(executions)} executions with their records` : '';
    await io.write(
      `${dryRun ? 'would remove' : 'removed'} by ${by}: ${count(traces)} traces · ${count(spans)} spans${whole}\n`,
    );
  }
  if (reclaimed === null) return;
  const { before, after, how } = reclaimed;
  await io.write(`size: ${formatByteSize(before.total)} → ${formatByteSize(after.total)}\n`);
  if (how === 'rewritten') {
    io.note('The file was made without incremental vacuum; it was written anew (VACUUM).');
  }
  if (how === 'kept' && before.total > 0) {
    io.note('Postgres keeps the space for new rows; VACUUM FULL gives it back to the disk.');
  }
}

function parseTime(text: string): bigint {
  try {
    return parseInstant(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InvalidArgumentError(`${error.message} ${error.hint ?? ''}`);
  }
}

function parseSize(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes !== null) return bytes;
  throw new InvalidArgumentError(`"${text}" is no size such as 500MB, 2GB or 4096.`);
}

function addBackup(program: Command, { io }: CliContext): void {
  program
    .command('backup <file>')
    .description('Copy a SQLite database into a new file, while it is in use')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action(async (file: string, options: DatabaseOptions & JsonOption) => {
      await backUp({ databaseUrl: options.db }, file);
      if (options.json === true) await printJson(io, { file });
      else await io.write(`${file} is a copy of the database\n`);
    });
}

interface ReinterpretOptions extends DatabaseOptions, JsonOption {
  readonly redact?: boolean;
}

function addReinterpret(program: Command, { io, signal, exit }: CliContext): void {
  program
    .command('reinterpret')
    .description('Read stored spans again with the meaning and prices of today')
    .addOption(databaseOption())
    .option('--redact', 'also take out content and secrets that may not be kept any more')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nStopped or killed, it goes on there the next time. Frozen records stay.',
    )
    .action(async ({ db, redact, json }: ReinterpretOptions) => {
      const bars = {
        reading: createProgressBar(io, 'reading'),
        deriving: createProgressBar(io, 'deriving'),
      };
      const done = await reinterpretStore(
        { databaseUrl: db },
        {
          redact,
          signal,
          onProgress({ step, done: reached, total }) {
            if (step === 'deriving') bars.reading.stop();
            bars[step].update(reached, total, `${count(reached)} of ${count(total)}`);
          },
        },
      ).finally(() => {
        bars.reading.stop();
        bars.deriving.stop();
      });
      if (json === true) await printJson(io, reinterpretedToWire(done));
      else {
        const words = `${count(done.spans)} spans read again${done.resumed ? ', from where it was stopped' : ''}`;
        await io.write(
          `${words}; ${count(done.changed)} changed; meaning version ${done.version}\n`,
        );
      }
      if (!done.finished) exit(exitCodes.interrupted);
    });
}
