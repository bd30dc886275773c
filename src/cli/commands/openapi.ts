import type { Command } from 'commander';
import { describeApi } from '../../runtime';
import type { CliContext } from '../context';
import { jsonOption, printJson } from '../context';

/** `openapi`: what `serve` answers at `/openapi.json`, for generators of clients. */
export function addOpenApiCommand(program: Command, { io }: CliContext): void {
  program
    .command('openapi')
    .description('Print the OpenAPI 3.1 document of the HTTP API')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ otel-evolution openapi > openapi.json')
    .action(async () => printJson(io, await describeApi()));
}
