import type { Command } from 'commander';
import { Option } from 'commander';
import { InputError } from '../../errors';
import { isSpent, type Adaptation, type AdaptationStatus } from '../../model/adaptation';
import type { Evolution } from '../../runtime';
import {
  adaptationStatuses,
  adaptationToWire,
  auditEntryToWire,
  replayToWire,
  formatInstant,
} from '../../wire';
import type { CliContext, DatabaseOptions, JsonOption } from '../context';
import { databaseOption, jsonOption, printJson, withEvolution } from '../context';
import { exitCodes } from '../exit-codes';
import { points } from '../format/numbers';
import { type Column, formatTable, printable } from '../format/table';
import type { Io } from '../io';

type Shared = DatabaseOptions & JsonOption;

interface StepOptions extends Shared {
  readonly by: string;
  readonly why: string;
}

/** `adapt list|propose|approve|reject|apply|resume|deactivate|rollback|history|replay`: from a pattern to everybody, and back. */
export function addAdaptCommands(program: Command, context: CliContext): void {
  const group = program
    .command('adapt')
    .description('Changes of declared settings, from a pattern to everybody and back')
    .addHelpText(
      'after',
      '\nWhat may be changed stands under "levers" in otel-evolution.json.\n\n' +
        'Example:\n  $ otel-evolution adapt propose 3f2a9c && otel-evolution adapt list',
    );
  addList(group, context);
  addPropose(group, context);
  addStep(group, context, 'approve', 'Let a proposal be applied', (engine, id, { by }) =>
    engine.approve(id, by),
  );
  addStep(group, context, 'apply', 'One stage up: 5, 25, 50, 100 %', (engine, id, { by }) =>
    engine.apply(id, { name: by, automatic: false }),
  );
  for (const [name, description] of reasoned) {
    addStep(group, context, name, description, (engine, id, { by, why }) =>
      engine[name](id, by, why),
    ).requiredOption('--why <text>', 'for the audit');
  }
  addHistory(group, context);
  addReplay(group, context);
}

const reasoned = [
  ['reject', 'Turn a proposal down'],
  ['resume', 'Go on after a signal paused it: you have looked'],
  ['deactivate', 'Off, by choice'],
  ['rollback', 'Off, because it did harm'],
] as const;

function addList(group: Command, { io }: CliContext): void {
  group
    .command('list', { isDefault: true })
    .description('All adaptations, oldest first')
    .addOption(databaseOption())
    .addOption(new Option('--status <status>').choices(adaptationStatuses))
    .addOption(jsonOption())
    .action(({ status, ...options }: Shared & { readonly status?: AdaptationStatus }) =>
      withEvolution(options, async ({ adaptation }) => {
        await show(io, options, await adaptation.list(status === undefined ? {} : { status }));
      }),
    );
}

function addPropose(group: Command, { io }: CliContext): void {
  group
    .command('propose')
    .description('The change that a pattern calls for, where a lever is declared')
    .argument('<pattern>', 'id, or its first characters')
    .addOption(byOption())
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((id: string, options: StepOptions) =>
      withEvolution(options, async ({ learner, adaptation }) => {
        const proposed = await adaptation.propose(await learner.explain(id), options.by);
        if (proposed.kind === 'refused') {
          throw new InputError(`Nothing is proposed: ${proposed.reason}.`, {
            hint: 'Declare under "levers" in otel-evolution.json what may be changed.',
          });
        }
        await show(io, options, [proposed.adaptation]);
      }),
    );
}

function addStep(
  group: Command,
  { io }: CliContext,
  name: string,
  description: string,
  step: (engine: Evolution['adaptation'], id: string, options: StepOptions) => Promise<Adaptation>,
): Command {
  return group
    .command(name)
    .description(description)
    .argument('<adaptation>', 'id')
    .addOption(byOption())
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((id: string, options: StepOptions) =>
      withEvolution(options, async ({ adaptation }) => {
        await show(io, options, [await step(adaptation, id, options)]);
      }),
    );
}

function addHistory(group: Command, { io }: CliContext): void {
  group
    .command('history')
    .description('Each step: when, by whom, why')
    .argument('<adaptation>', 'id')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((id: string, options: Shared) =>
      withEvolution(options, async ({ adaptation }) => {
        const sentences = await adaptation.explain(id);
        const items = await adaptation.history(id);
        if (options.json === true) {
          return printJson(io, { sentences, items: items.map(auditEntryToWire) });
        }
        // What it showed by and by is in the JSON; what it shows now is said at the end.
        const steps = items.filter(({ reason }) => reason !== 'outcome');
        await io.write(`${printable(sentences[0] ?? '')}\n`);
        for (const { atUnixNano, actor, from, to, reason } of steps) {
          const line = `${actor}: ${from ?? 'new'} → ${to}, ${reason}`;
          await io.write(`${formatInstant(atUnixNano).slice(0, 19)}Z  ${printable(line)}\n`);
        }
        for (const said of sentences.slice(1 + steps.length)) {
          await io.write(`${printable(said)}\n`);
        }
      }),
    );
}

function addReplay(group: Command, { io, exit }: CliContext): void {
  group
    .command('replay')
    .description(
      'Each step of the loop, computed again from what is stored; ends with 1 where one differs',
    )
    .argument('<adaptation>', 'id')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((id: string, options: Shared) =>
      withEvolution(options, async ({ adaptation }) => {
        const steps = await adaptation.replay(id);
        const differing = steps.filter(({ isSame }) => !isSame);
        if (differing.length > 0) exit(exitCodes.failure);
        if (options.json === true) return printJson(io, replayToWire(steps));
        for (const { audit, replayed } of differing) {
          const line = `${audit.reason}: ${JSON.stringify(replayed)}, kept ${JSON.stringify(audit.evidence)}`;
          await io.write(`${formatInstant(audit.atUnixNano).slice(0, 19)}Z  ${printable(line)}\n`);
        }
        const same = steps.length - differing.length;
        await io.write(
          `${same} of ${steps.length} steps of the loop follow bit for bit from what is stored.\n`,
        );
      }),
    );
}

function byOption(): Option {
  return new Option('--by <name>', 'who acts, for the audit').default('command line');
}

async function show(io: Io, { json }: Shared, items: readonly Adaptation[]): Promise<void> {
  if (json === true) return printJson(io, { items: items.map(adaptationToWire) });
  if (items.length === 0) io.note('There is none.');
  else await io.write(`${formatTable(items, columns, io.columns)}\n`);
}

const columns: readonly Column<Adaptation>[] = [
  { title: 'id', value: ({ id }) => id },
  {
    title: 'change',
    value: ({ knob, from, to }) => `${knob}: ${JSON.stringify(from)} → ${JSON.stringify(to)}`,
    flexible: true,
  },
  {
    title: 'status',
    value: ({ status, pausedBy }) =>
      pausedBy === null ? status : `${status}, paused by ${pausedBy}`,
  },
  { title: 'traffic', value: ({ trafficPercent }) => `${trafficPercent} %`, align: 'right' },
  { title: 'held back', value: ({ holdBackPercent }) => `${holdBackPercent} %`, align: 'right' },
  {
    title: 'expected',
    value: ({ expected: { effect, interval }, dimension }) =>
      `${points(effect)} [${points(interval.lower)}, ${points(interval.upper)}]${isSpent(dimension) ? ' %' : ''}`,
    align: 'right',
  },
];
