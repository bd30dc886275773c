import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { ConfigError, InputError } from '../../errors';
import type { ConformanceResult } from '../../runtime';
import { runConformance } from '../../runtime';
import type { CliContext, JsonOption } from '../context';
import { jsonOption, printJson } from '../context';
import { exitCodes } from '../exit-codes';
import { printable } from '../format/table';

interface ConformanceCommandOptions extends JsonOption {
  readonly count?: string;
  readonly header: readonly string[];
}

export function addConformanceCommand(program: Command, { io, signal, exit }: CliContext): void {
  program
    .command('conformance <url>')
    .description('Try the rules of OTLP/HTTP against any endpoint; sends it a few hundred spans')
    .option(
      '--count <command>',
      'shell command that prints how many spans of trace $TRACE_ID are stored there',
    )
    .option('--header <name:value>', 'with every request, e.g. a token', addHeader, [])
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ otel-evolution conformance http://127.0.0.1:4319\n' +
        "  $ otel-evolution conformance http://127.0.0.1:4318 --count 'grep -c $TRACE_ID spans.jsonl'",
    )
    .action(async (url: string, options: ConformanceCommandOptions) => {
      if (!/^https?:\/\//.test(url))
        throw new InputError(`Expected http://HOST:PORT, got "${url}".`);
      const { count, header } = options;
      const results = await runConformance({
        url,
        headers: Object.fromEntries(header.map(splitHeader)),
        count: count === undefined ? undefined : (traceId) => runCount(count, traceId),
        signal,
        onResult: (result) => {
          if (options.json !== true && result.outcome === 'failed') io.note(failureLine(result));
        },
      });
      if (options.json === true) await printJson(io, toDocument(url, results));
      else await io.write(formatResults(results));
      if (signal.aborted) exit(exitCodes.interrupted);
      else if (results.some(({ outcome }) => outcome === 'failed')) exit(exitCodes.failure);
    });
}

function addHeader(given: string, before: readonly string[]): readonly string[] {
  return [...before, given];
}

function splitHeader(given: string): [string, string] {
  const colon = given.indexOf(':');
  if (colon < 1) throw new InputError('A header is name:value.');
  return [given.slice(0, colon).trim(), given.slice(colon + 1).trim()];
}

async function runCount(command: string, traceId: string): Promise<number> {
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    `TRACE_ID=${traceId}; ${command}`,
  ]).catch(
    // `grep -c` prints 0 and fails.
    (error: Error & { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
  );
  const text = stdout.trim();
  if (/^\d+$/.test(text)) return Number(text);
  throw new ConfigError(
    `--count: expected a number on standard output, got "${text.slice(0, 80)}".`,
  );
}

function failureLine({ level, id, variant, detail, text, reference }: ConformanceResult): string {
  return `✗ ${level} ${id} (${variant}): ${printable(detail ?? '')}\n    ${text}\n    ${reference}`;
}

const levels = ['MUST', 'SHOULD', 'robustness'] as const;

function totalsOf(results: readonly ConformanceResult[], level: ConformanceResult['level']) {
  const of = (outcome: ConformanceResult['outcome']): number =>
    results.filter((result) => result.level === level && result.outcome === outcome).length;
  return { level, passed: of('passed'), failed: of('failed'), unknown: of('unknown') };
}

function formatResults(results: readonly ConformanceResult[]): string {
  return levels
    .map((level) => totalsOf(results, level))
    .map(({ level, passed, failed, unknown }) => {
      const all = passed + failed;
      const untried = unknown === 0 ? '' : `, ${unknown} need --count`;
      return `${level.padEnd(10)} ${passed} of ${all} passed${untried}\n`;
    })
    .join('');
}

function toDocument(url: string, results: readonly ConformanceResult[]): unknown {
  return { url, totals: levels.map((level) => totalsOf(results, level)), results };
}
