import type { Command } from 'commander';
import type { WhyReport } from '../../model/why';
import { whyToWire } from '../../wire';
import type { CliContext, DatabaseOptions, JsonOption } from '../context';
import { databaseOption, jsonOption, nextCommand, printJson, withEvolution } from '../context';
import { wrap } from '../format/patterns';
import { printable } from '../format/table';
import type { Io } from '../io';

/** `why EXECUTION`: where a run leaves what its successful siblings did. */
export function addWhyCommand(program: Command, { io }: CliContext): void {
  program
    .command('why <execution>')
    .description('The first step at which a run leaves what its successful siblings did')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((id: string, options: DatabaseOptions & JsonOption) =>
      withEvolution(options, async ({ learner }) => {
        const report = await learner.why(id);
        if (options.json === true) return printJson(io, whyToWire(report));
        await io.write(formatWhy(report, io, (command) => nextCommand(command, options)));
      }),
    );
}

function formatWhy(
  { sentence, divergence, findings, siblingIds }: WhyReport,
  { colors, columns }: Io,
  command: (text: string) => string,
): string {
  const lines = [wrap(printable(sentence), columns ?? 100, ''), ''];
  for (const { tool, share, otherArguments } of divergence?.instead ?? []) {
    const what = `${tool === null ? 'nothing more' : printable(tool)}${otherArguments ? ' with other arguments' : ''}`;
    lines.push(`  ${Math.round(100 * share)} % of the successes: ${what}`);
  }
  if (findings.length > 0) {
    lines.push('', colors.bold('Patterns that this run meets'));
    for (const { patternId, predicate, type } of findings) {
      lines.push(`  ${printable(predicate)}  ${type}  ${colors.dim(patternId.slice(0, 10))}`);
    }
  }
  const step = divergence?.step ?? null;
  if (step !== null) lines.push('', `→ ${command(`traces show ${step.traceId}`)}`);
  if (siblingIds[0] !== undefined) {
    lines.push(`→ ${command(`spans --where execution=${siblingIds[0]}`)}`);
  }
  return `${lines.join('\n')}\n`;
}
