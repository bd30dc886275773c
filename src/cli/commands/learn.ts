import type { Command } from 'commander';
import { Option } from 'commander';
import { InputError, didYouMean } from '../../errors';
import type { FindingMark, Pattern, PatternStatus, PatternType } from '../../model/pattern';
import type { PatternBook } from '../../model/ports-learning';
import type { Page, PatternQuery } from '../../model/query';
import {
  candidatesToWire,
  learnSummaryToWire,
  parsePatternFilter,
  patternPageToWire,
  patternToWire,
  selfAuditToWire,
} from '../../wire';
import type { Evolution } from '../../runtime';
import type { CliContext, DatabaseOptions, JsonOption } from '../context';
import {
  databaseOption,
  jsonOption,
  nextCommand,
  parseFraction,
  parsePositiveInteger,
  printJson,
  withEvolution,
} from '../context';
import { formatAudit } from '../format/audit';
import { formatExplanation } from '../format/explanation';
import {
  formatCandidates,
  formatEffects,
  formatLearnResult,
  formatPatterns,
} from '../format/patterns';
import { evidenceSparkline } from '../format/sparkline';
import { printable } from '../format/table';
import type { Io } from '../io';

interface LearnCommandOptions extends DatabaseOptions, JsonOption {
  readonly audit?: boolean;
}

interface PatternsCommandOptions extends DatabaseOptions, JsonOption {
  readonly all?: boolean;
  readonly closed?: boolean;
  readonly type?: PatternType;
  readonly status?: PatternStatus;
  readonly minConfidence?: number;
  readonly where?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

interface MarkCommandOptions extends DatabaseOptions, JsonOption {
  readonly as: FindingMark;
  readonly why: string;
  readonly by: string;
}

interface CandidatesCommandOptions extends DatabaseOptions, JsonOption {
  readonly by?: string;
  readonly minSupport?: number;
  readonly kinds?: string;
  readonly agent?: string;
  readonly dimension?: string;
  readonly limit?: number;
}

const strata = ['task', 'agent', 'type', 'epoch'] as const;
const patternTypes: readonly PatternType[] = ['success', 'anti_pattern', 'optimization'];
const patternStatuses: readonly PatternStatus[] = [
  'unadjusted',
  'imported',
  'observed',
  'confirmed',
  'causal',
  'demoted',
];

/** `learn`, `patterns`, `candidates`: what goes with success, and why we say so. */
export function addLearningCommands(program: Command, context: CliContext): void {
  addLearn(program, context);
  addPatterns(program, context);
  addCandidates(program, context);
}

function addLearn(program: Command, { io }: CliContext): void {
  program
    .command('learn')
    .description('Admit what is closed (one cut) and bring the patterns up to date')
    .addOption(databaseOption())
    .option(
      '--audit',
      'learn nothing; hold the method against features of these runs that cannot matter',
    )
    .addOption(jsonOption())
    .action((options: LearnCommandOptions) =>
      withEvolution(options, async ({ learner }) => {
        if (options.audit === true) {
          const audit = await learner.audit();
          if (options.json === true) return printJson(io, selfAuditToWire(audit));
          await io.write(formatAudit(audit, io));
          return;
        }
        const result = await learner.learn();
        if (options.json === true) return printJson(io, learnSummaryToWire(result));
        await io.write(formatLearnResult(result, io));
      }),
    );
}

function addPatterns(program: Command, { io }: CliContext): void {
  const group = program
    .command('patterns')
    .description('What really goes with success or failure')
    .addHelpText(
      'after',
      '\nExamples:\n  $ otel-evolution patterns --type success\n  $ otel-evolution patterns --where tool=search,type=airline\n  $ otel-evolution patterns explain 3f2a9c',
    );
  group
    .command('list', { isDefault: true })
    .description('List the patterns')
    .addOption(databaseOption())
    .option('--all', 'all candidates, and what is no finding any more')
    .option('--closed', 'also what was marked as resolved or not useful')
    .addOption(new Option('--type <type>', 'of pattern').choices(patternTypes))
    .addOption(new Option('--status <status>', 'of pattern').choices(patternStatuses))
    .option('--min-confidence <x>', '0..1', parseFraction)
    .option(
      '--where <filter>',
      'key=value,… over type agent model tool tag config.KEY attribute.KEY since until',
    )
    .option('--limit <n>', 'rows, 1..1000', parsePositiveInteger)
    .option('--cursor <cursor>', 'where the page before ended')
    .addOption(jsonOption())
    .action(async (options: PatternsCommandOptions) => {
      // A filter that makes no sense is said before a database is looked for.
      const asked = parsePatternFilter(options.where ?? '');
      await withEvolution(options, (evolution) => listPatterns(options, asked, evolution, io));
    });
  addExplain(group, io);
  addMark(group, io);
}

async function listPatterns(
  options: PatternsCommandOptions,
  asked: PatternQuery,
  { learner, store }: Pick<Evolution, 'learner' | 'store'>,
  io: Io,
): Promise<void> {
  const { all = false, type, status, minConfidence, limit, cursor } = options;
  const life = options.closed === true || all ? 'all' : 'open';
  const query: PatternQuery = { ...asked, type, status, minConfidence, life, limit, cursor };
  const everything = all || status !== undefined;
  const shown = ({ status: is }: Pattern): boolean =>
    everything || (!hiddenStatuses.has(is) && (options.json === true || is !== 'unadjusted'));
  const page = await readPatternPage(store, query, shown);
  const view = all ? await learner.candidates() : null;
  if (options.json === true) {
    const candidates = view === null ? {} : { candidates: candidatesToWire(view).candidates };
    return printJson(io, { ...patternPageToWire(page), ...candidates });
  }
  const next = (command: string): string => nextCommand(command, options);
  const trends = await readTrends(store, page.items);
  await io.write(formatPatterns(page.items, io, next, { trends }));
  if (page.items.length > 0) io.note(formatEffects(page.items, io.columns));
  if (!everything && cursor === undefined) {
    const apart = await store.queryPatterns({ ...query, status: 'unadjusted', limit: 5 });
    await io.write(formatPatterns(apart.items, io, next));
  }
  if (view !== null) await io.write(formatCandidates(view, limit ?? 40, io));
  if (page.items.length === 0) io.note(await whyNone(store, query, next));
  if (page.nextCursor !== null) io.note(`More: --cursor ${page.nextCursor}`);
}

async function readTrends(
  store: Pick<PatternBook, 'readLedger'>,
  patterns: readonly Pattern[],
): Promise<Map<string, string>> {
  const trends = new Map<string, string>();
  for (const { id } of patterns) {
    const { items } = await store.readLedger({ patternId: id, limit: 1_000 });
    trends.set(id, evidenceSparkline(items));
  }
  return trends;
}

/** An empty list has a reason, and a next step. */
async function whyNone(
  store: Pick<PatternBook, 'queryPatterns' | 'readLedger'>,
  { life, limit: _, cursor, ...asked }: PatternQuery,
  next: (command: string) => string,
): Promise<string> {
  if (cursor !== undefined) return 'The list ends here.';
  const isFiltered = Object.values(asked).some((value) => value !== undefined);
  const { items } = await store.queryPatterns({ life: 'all', limit: 1_000 });
  const found = items.filter(
    ({ status }) => !hiddenStatuses.has(status) && status !== 'unadjusted',
  );
  if (found.length > 0 && isFiltered) return `No finding is as asked: ${next('patterns')} has all.`;
  if (found.length > 0 && life === 'open') {
    return `Nothing is open; what was marked as resolved or not useful: ${next('patterns --closed')}`;
  }
  const tested = await store.readLedger({ limit: 1 });
  if (tested.items.length === 0) return `Nothing was looked at yet: ${next('learn')}`;
  return `Nothing is established yet. What was looked at: ${next('candidates')}`;
}

/** What is no finding any more. */
const hiddenStatuses: ReadonlySet<PatternStatus> = new Set(['candidate', 'demoted']);

/** A full page of what is shown: pages are read on until it is full. */
async function readPatternPage(
  store: Pick<PatternBook, 'queryPatterns'>,
  query: PatternQuery,
  shown: (pattern: Pattern) => boolean,
): Promise<Page<Pattern>> {
  const { limit = 100 } = query;
  const items: Pattern[] = [];
  let cursor = query.cursor;
  for (;;) {
    const page = await store.queryPatterns({ ...query, limit: limit - items.length, cursor });
    items.push(...page.items.filter(shown));
    if (page.nextCursor === null || items.length >= limit) {
      return { items, nextCursor: page.nextCursor };
    }
    cursor = page.nextCursor;
  }
}

function addExplain(group: Command, io: Io): void {
  group
    .command('explain <id>')
    .description('One pattern with its evidence; the first characters of its id are enough')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((id: string, options: DatabaseOptions & JsonOption) =>
      withEvolution(options, async ({ learner }) => {
        const pattern = await learner.explain(id);
        if (options.json === true) return printJson(io, patternToWire(pattern));
        await io.write(formatExplanation(pattern, io));
      }),
    );
}

const findingMarks: readonly FindingMark[] = ['acknowledged', 'resolved', 'not_useful'];

function addMark(group: Command, io: Io): void {
  group
    .command('mark <id>')
    .description('Say what became of a finding; a resolved one reopens by itself when it is back')
    .addOption(new Option('--as <mark>').choices(findingMarks).makeOptionMandatory())
    .requiredOption('--why <text>', 'kept in the ledger')
    .option('--by <name>', 'who says so', 'command line')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((id: string, options: MarkCommandOptions) =>
      withEvolution(options, async ({ learner }) => {
        const { as, why, by } = options;
        const pattern = await learner.mark(id, { as, why, by });
        if (options.json === true) return printJson(io, patternToWire(pattern));
        await io.write(`${printable(pattern.predicate.text)} is ${as.replace('_', ' ')}.\n`);
      }),
    );
}

function parseStratum(text: string): (typeof strata)[number] {
  const found = strata.find((name) => name === text);
  if (found !== undefined) return found;
  throw new InputError(`"${text}" is no stratum.${didYouMean(text, strata)}`);
}

function addCandidates(program: Command, { io }: CliContext): void {
  program
    .command('candidates')
    .description('Every candidate with its evidence, promoted or not; promotes nothing')
    .addOption(databaseOption())
    .option(
      '--by <strata>',
      'task, agent, type, epoch, joined by commas (else the registered strata)',
    )
    .option('--min-support <n>', 'runs with and without the feature', parsePositiveInteger)
    .option('--kinds <kinds>', 'tool, tool>=3, bigram, config, …, joined by commas')
    .option('--agent <id>', 'the runs of one agent only')
    .option('--dimension <name>', 'the outcome (else the primary one)')
    .option('--limit <n>', 'rows shown in the table', parsePositiveInteger, 40)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ otel-evolution candidates --by task --min-support 10 --kinds tool,bigram',
    )
    .action((options: CandidatesCommandOptions) => {
      const query = {
        by: options.by?.split(',').map(parseStratum),
        minSupport: options.minSupport,
        kinds: options.kinds?.split(','),
        agentId: options.agent,
        dimension: options.dimension,
      };
      return withEvolution(options, async ({ learner }) => {
        const view = await learner.candidates(query);
        if (options.json === true) return printJson(io, candidatesToWire(view));
        await io.write(formatCandidates(view, options.limit ?? 40, io));
      });
    });
}
