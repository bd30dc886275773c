import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { Experiment, ExperimentAnalysis, ExperimentStatus } from '../../model/experiment';
import type { Evolution } from '../../runtime';
import { assignmentToWire, experimentAnalysisToWire, experimentToWire } from '../../wire';
import type { CliContext, DatabaseOptions, JsonOption } from '../context';
import { databaseOption, jsonOption, nextCommand, printJson, withEvolution } from '../context';
import { exitCodes } from '../exit-codes';
import { formatAnalysis, formatLifts } from '../format/analysis';
import { type Column, formatTable, printable } from '../format/table';

type Shared = DatabaseOptions & JsonOption;

type ExperimentInput = Parameters<Evolution['experiments']['create']>[0];

interface CreateOptions extends Shared {
  readonly name: string;
  readonly variant: readonly Variant[];
  readonly split: readonly number[];
  readonly metric: string;
  readonly guardrail?: readonly string[];
  readonly signal?: readonly string[];
  readonly unit?: Experiment['unit'];
  readonly key?: string;
  readonly days?: number;
  readonly minimumEffect?: number;
  readonly cap?: number;
  readonly allocation?: Experiment['allocation'];
  readonly floor?: number;
}

interface Variant {
  readonly name: string;
  readonly config: Readonly<Record<string, string | number | boolean>>;
}

/** `experiment create|list|assign|results|roll-out|stop`: one that we assign ourselves. */
export function addExperimentLife(group: Command, context: CliContext): void {
  addCreate(group, context);
  addList(group, context);
  addAssign(group, context);
  addResults(group, context);
  addReasonedStep(group, context, {
    name: 'roll-out',
    description:
      'Give everybody the winner that waits, since nobody asked for it or a signal held it back',
    take: (experiments, id, why) => experiments.rollOut(id, why, actor),
    done: 'is rolled out',
  });
  addReasonedStep(group, context, {
    name: 'stop',
    description: 'End it without a decision; everybody gets the control',
    take: (experiments, id, why) => experiments.stop(id, why, actor),
    done: 'is stopped',
  });
}

function addCreate(group: Command, { io }: CliContext): void {
  group
    .command('create')
    .description('Start an experiment; the first variant is the control')
    .addOption(databaseOption())
    .requiredOption('--name <name>', 'of the experiment')
    .requiredOption('--variant <name:key=value,…>', 'twice or more', addVariant)
    .requiredOption('--split <shares>', 'one share a variant, summing to 1: .5,.5', parseShares)
    .option(
      '--metric <metric>',
      'success, errors, latency, cost, tokens or a reward dimension',
      'success',
    )
    .option('--guardrail <metric>', 'harm in it stops; may be repeated', append)
    .option('--signal <metric>', 'harm in it asks; may be repeated', append)
    .addOption(new Option('--unit <unit>', 'of assignment').choices(['task', 'session', 'user']))
    .option('--key <key>', 'flag key (else the name)')
    .option('--days <n>', 'longest duration', parseNumber)
    .option('--minimum-effect <d>', 'smallest gain worth shipping', parseNumber)
    .option('--cap <n>', 'units with an outcome after which it ends', parseNumber)
    .addOption(
      new Option('--allocation <how>', 'shares stay, or follow the outcomes').choices([
        'split',
        'thompson',
      ]),
    )
    .option('--floor <share>', 'under thompson: what goes to all alike', parseNumber)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ otel-evolution experiment create --name window --variant head:window=head --variant tail:window=tail --split .5,.5 --guardrail cost',
    )
    .action((options: CreateOptions) =>
      withEvolution(options, async ({ experiments }) => {
        const created = await experiments.create(toInput(options), actor);
        if (options.json === true) return printJson(io, experimentToWire(created));
        await io.write(
          `${created.id} runs: ${created.variants.map(({ name }) => printable(name)).join(' against ')}.\n` +
            `Next: ${nextCommand(`experiment results ${created.id}`, options)}\n`,
        );
      }),
    );
}

function toInput(options: CreateOptions): ExperimentInput {
  return {
    name: options.name,
    variants: options.variant,
    trafficSplit: options.split,
    successMetric: options.metric,
    guardrails: options.guardrail,
    signals: options.signal,
    unit: options.unit,
    key: options.key,
    durationDays: options.days,
    minimumEffect: options.minimumEffect,
    cap: options.cap,
    allocation: options.allocation,
    floor: options.floor,
  };
}

function addList(group: Command, { io }: CliContext): void {
  group
    .command('list')
    .description('All experiments, oldest first')
    .addOption(databaseOption())
    .addOption(
      new Option('--status <status>').choices(['running', 'decided', 'invalid', 'stopped']),
    )
    .addOption(jsonOption())
    .action(({ status, ...options }: Shared & { readonly status?: ExperimentStatus }) =>
      withEvolution(options, async ({ experiments }) => {
        const items = await experiments.list({ status });
        if (options.json === true) return printJson(io, { items: items.map(experimentToWire) });
        if (items.length === 0) io.note('There is none.');
        else await io.write(`${formatTable(items, columns, io.columns)}\n`);
      }),
    );
}

const columns: readonly Column<Experiment>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'name', value: ({ name }) => name, flexible: true },
  { title: 'status', value: ({ status }) => status },
  { title: 'decision', value: ({ decision }) => decision },
  { title: 'winner', value: ({ winner }) => winner ?? '–', flexible: true },
];

function addAssign(group: Command, { io }: CliContext): void {
  group
    .command('assign')
    .description('The variant of a unit, stored before it is told')
    .argument('<experiment>', 'id')
    .argument('<unit>', 'id of the task, session or user')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((id: string, unit: string, options: Shared) =>
      withEvolution(options, async ({ experiments }) => {
        const answer = await experiments.assignStored(id, unit);
        const document = assignmentToWire(answer);
        if (options.json === true) return printJson(io, document);
        await io.write(`${printable(answer.variant)} ${JSON.stringify(document.config)}\n`);
      }),
    );
}

function addResults(group: Command, { io, exit }: CliContext): void {
  group
    .command('results')
    .description('What it shows by now; ends with 8 where a guardrail is harmed')
    .argument('<experiment>', 'id')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((id: string, options: Shared) =>
      withEvolution(options, async ({ experiments }) => {
        const analysis = await experiments.analyze(id);
        if (options.json === true) await printJson(io, experimentAnalysisToWire(analysis));
        else {
          await io.write(formatAnalysis(analysis, io.columns));
          io.note(formatLifts(analysis, io.columns));
        }
        if (isHarmed(analysis)) exit(exitCodes.regression);
      }),
    );
}

function isHarmed({ variants }: ExperimentAnalysis): boolean {
  return variants.some(({ guardrails }) =>
    guardrails.some(({ role, harmed }) => role === 'guardrail' && harmed),
  );
}

/** A step that says why, for the audit. */
function addReasonedStep(
  group: Command,
  { io }: CliContext,
  step: {
    readonly name: string;
    readonly description: string;
    readonly take: (
      experiments: Evolution['experiments'],
      id: string,
      why: string,
    ) => Promise<Experiment>;
    readonly done: string;
  },
): void {
  group
    .command(step.name)
    .description(step.description)
    .argument('<experiment>', 'id')
    .requiredOption('--why <text>', 'for the audit')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((id: string, { why, ...options }: Shared & { readonly why: string }) =>
      withEvolution(options, async ({ experiments }) => {
        const after = await step.take(experiments, id, why);
        if (options.json === true) return printJson(io, experimentToWire(after));
        await io.write(`${after.id} ${step.done}.\n`);
      }),
    );
}

const actor = 'command line';

function addVariant(text: string, before: readonly Variant[] = []): readonly Variant[] {
  const [name = '', ...rest] = text.split(':');
  const settings = rest.join(':');
  const config = settings === '' ? [] : settings.split(',').map(parseSetting);
  return [...before, { name, config: Object.fromEntries(config) }];
}

/** A number or flag where it reads as one, else text. */
function parseSetting(text: string): [string, string | number | boolean] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`"${text}" is no key=value.`);
  const value = text.slice(at + 1);
  if (value === 'true' || value === 'false') return [text.slice(0, at), value === 'true'];
  const number = Number(value);
  const isNumber = value !== '' && String(number) === value && Number.isFinite(number);
  return [text.slice(0, at), isNumber ? number : value];
}

function parseShares(text: string): readonly number[] {
  return text.split(',').map(parseNumber);
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError(`"${text}" is no number.`);
}

function append(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
