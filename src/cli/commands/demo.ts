import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import type { DemoProgress, DemoResult } from '../../demo';
import type { Evolution } from '../../runtime';
import { readModelEndpoint } from '../../runtime';
import type { CliContext, DatabaseOptions } from '../context';
import { databaseOption, nextCommand, parsePositiveInteger, withNewEvolution } from '../context';
import { exitCodes } from '../exit-codes';
import { count, percent } from '../format/numbers';
import {
  byStrength,
  formatEffects,
  formatLearnResult,
  formatPatterns,
  formatReview,
} from '../format/patterns';
import { formatClosedLoop } from '../format/closed-loop';
import { formatTable } from '../format/table';
import type { Io } from '../io';

interface DemoCommandOptions extends DatabaseOptions {
  readonly root?: string;
  readonly seed: number;
  readonly executions: number;
  readonly concurrency: number;
}

const demoDatabase = 'sqlite:./evolution-demo.db';
const shownFindings = 6;

export function addDemoCommand(program: Command, context: CliContext): void {
  program
    .command('demo')
    .description(
      'A real agent at work on your installed packages: what is learned, tried, rolled out, taken back',
    )
    .addOption(databaseOption())
    .option('--root <folder>', 'a node_modules folder (else the nearest one)')
    .option('--seed <n>', 'of the sample and of every draw', parsePositiveInteger, 1)
    .option('--executions <n>', 'runs, retries not counted', parsePositiveInteger, 2000)
    .option('--concurrency <n>', 'runs at once', parsePositiveInteger, 8)
    .addHelpText(
      'after',
      '\nWrites to ./evolution-demo.db unless --db says otherwise. With OPENAI_BASE_URL and OPENAI_API_KEY\n' +
        'set, a language model chooses the tools.',
    )
    .action(async (options: DemoCommandOptions) => {
      const { demoLevers, learnedDimensions: dimensions, loadSdk } = await import('../../demo');
      // Before a database is made for nothing.
      await loadSdk();
      const database = { db: options.db ?? demoDatabase, dimensions, levers: demoLevers };
      await withNewEvolution(context.io, database, (evolution) =>
        demonstrate(evolution, options, context),
      );
    });
}

async function demonstrate(
  evolution: Evolution,
  { root, seed, executions, concurrency, db }: DemoCommandOptions,
  { io, signal, exit }: CliContext,
): Promise<void> {
  const { isForLearning, runClosedLoop, runDemo, startTelemetry } = await import('../../demo');
  const bars = createBars(io);
  const telemetry = await startTelemetry(evolution);
  const model = await readModelEndpoint();
  const onProgress = bars.update;
  const shared = { evolution, telemetry, root, seed, concurrency, signal, model, onProgress };
  try {
    const ask = (name: string): boolean => isForLearning(seed, name);
    const onStart = (line: string): void => io.note(line);
    const result = await runDemo({ ...shared, executions, ask, onStart }).finally(bars.stop);
    if (signal.aborted) return exit(exitCodes.interrupted);
    await showLearned(result, evolution, db ?? demoDatabase, io);
    const loop = await runClosedLoop(shared).finally(bars.stop);
    if (signal.aborted) return exit(exitCodes.interrupted);
    await io.write(formatClosedLoop(loop, io.columns));
    const next = 'reason' in loop ? 'adapt list' : `adapt history ${loop.proposed.id}`;
    const database = { db: db ?? demoDatabase };
    io.note(`Everything is stored. What became of the adaptation: ${nextCommand(next, database)}`);
    io.note(`See it in the browser: ${nextCommand('serve --open', database)}`);
  } finally {
    await telemetry.stop();
  }
}

async function showLearned(
  result: DemoResult,
  evolution: Evolution,
  db: string,
  io: Io,
): Promise<void> {
  await io.write(`${formatWork(result, io)}\n\n`);

  const next = (command: string): string => nextCommand(command, { db });
  const learned = await evolution.learner.learn();
  await io.write(`${formatLearnResult(learned, io)}\n`);
  const { items: patterns } = await evolution.store.queryPatterns({ limit: 1000 });
  await io.write(formatPatterns(byStrength(patterns), io, next, { limit: shownFindings }));
  io.note(`\n${formatEffects(patterns, io.columns)}\n`);
  const review = await evolution.learner.review({ limit: shownFindings });
  await io.write(formatReview(review, io));
  io.note(`Everything that was tested: ${next('candidates')}`);
}

function formatWork({ byType, retries, tasks, executions }: DemoResult, io: Io): string {
  const table = formatTable(
    byType,
    [
      { title: 'question', value: (row) => row.type },
      { title: 'tasks', value: (row) => count(row.tasks), align: 'right' },
      { title: 'runs', value: (row) => count(row.executions), align: 'right' },
      { title: 'mean accuracy', value: (row) => percent(row.meanAccuracy), align: 'right' },
    ],
    io.columns,
  );
  return `${count(tasks)} tasks, ${count(executions)} runs and ${count(retries)} retries\n\n${table}`;
}

/** One bar per phase with the time left; nothing when nobody watches. */
function createBars(io: Io): { update: (progress: DemoProgress) => void; stop: () => void } {
  let bar: SingleBar | null = null;
  let current = '';
  const stop = (): void => bar?.stop();
  return {
    stop,
    update({ phase, done, total }) {
      if (!io.interactive) return;
      if (phase !== current) {
        stop();
        current = phase;
        bar = new SingleBar({
          format: `${phase.padEnd(8)} [{bar}] {value}/{total}  {eta_formatted} left`,
          stream: io.stderr,
          hideCursor: true,
        });
        bar.start(total, 0);
      }
      bar?.setTotal(total);
      bar?.update(done);
    },
  };
}
