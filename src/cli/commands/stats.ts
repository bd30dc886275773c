import type { Command } from 'commander';
import type { EvolutionStats } from '../../model/query';
import { statsToWire } from '../../wire';
import type { CliContext, DatabaseOptions, JsonOption } from '../context';
import { databaseOption, jsonOption, printJson, withEvolution } from '../context';
import { count, dollars, milliseconds, percent } from '../format/numbers';
import { formatTable } from '../format/table';
import type { Io } from '../io';

interface StatsCommandOptions extends DatabaseOptions, JsonOption {
  readonly agent?: string;
}

export function addStatsCommand(program: Command, { io }: CliContext): void {
  program
    .command('stats')
    .description('What is stored, and how each agent does')
    .addOption(databaseOption())
    .option('--agent <id>', 'one agent only')
    .addOption(jsonOption())
    .action((options: StatsCommandOptions) =>
      withEvolution(options, async ({ store }) => {
        const totals = await store.getTotals();
        const ids = options.agent === undefined ? await store.listAgents() : [options.agent];
        const agents = [];
        for (const agentId of ids) agents.push(await store.getStats({ agentId }));
        if (options.json === true) {
          return printJson(io, statsToWire(totals, agents, await store.readJobs()));
        }
        await io.write(
          `${count(totals.tasks)} tasks · ${count(totals.executions)} executions · ` +
            `${count(totals.spans)} spans · ${count(totals.links)} links · ` +
            `${count(totals.rewards)} rewards · ${count(totals.tags)} tags\n`,
        );
        if (agents.length === 0) {
          io.note('No agent has been seen. `otel-evolution demo` shows one at work.');
          return;
        }
        await io.write(`\n${formatAgents(agents, io)}\n`);
      }),
    );
}

function formatAgents(agents: readonly EvolutionStats[], { columns }: Io): string {
  return formatTable(
    agents,
    [
      { title: 'agent', value: (a) => a.agentId ?? '–', flexible: true },
      { title: 'runs', value: (a) => count(a.executions), align: 'right' },
      { title: 'success', value: (a) => percent(a.successRate?.value ?? null), align: 'right' },
      { title: '95 %', value: (a) => intervalText(a.successRate?.interval), align: 'right' },
      { title: 'p50', value: (a) => milliseconds(a.latencyMs?.p50 ?? null), align: 'right' },
      { title: 'p95', value: (a) => milliseconds(a.latencyMs?.p95 ?? null), align: 'right' },
      { title: 'cost', value: (a) => dollars(a.costUsd), align: 'right' },
      { title: 'tokens in', value: (a) => count(a.tokens.input), align: 'right' },
      { title: 'out', value: (a) => count(a.tokens.output), align: 'right' },
      { title: 'errors', value: (a) => count(a.errors), align: 'right' },
    ],
    columns,
  );
}

function intervalText(interval: { lower: number; upper: number } | undefined): string {
  if (interval === undefined) return '–';
  return `${(interval.lower * 100).toFixed(0)}–${(interval.upper * 100).toFixed(0)}`;
}
