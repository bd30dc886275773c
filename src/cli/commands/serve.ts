import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { serve } from '../../runtime';
import { openBrowser } from '../open-browser';
import type { CliContext, DatabaseOptions } from '../context';
import { announceNewDatabase, databaseOption } from '../context';

interface ServeCommandOptions extends DatabaseOptions {
  readonly host?: string;
  readonly port?: number;
  readonly spool?: string;
  readonly open: boolean;
}

export function addServeCommand(program: Command, { io, signal, parts }: CliContext): void {
  program
    .command('serve')
    .description('OTLP/HTTP receiver and dashboard; learns in the background')
    .addOption(databaseOption())
    .option('--host <address>', 'to bind to (127.0.0.1); anything wider needs a token')
    .option('--port <port>', 'to listen on (4319); 0 picks a free one', parsePort)
    .option('--spool <folder>', 'keeps what comes while the database is away (256 MiB at most)')
    .option('--open', 'opens the dashboard in the browser', false)
    .addHelpText(
      'after',
      '\nExample:\n' +
        '  $ otel-evolution serve &\n' +
        '  $ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:4319/v1/traces node agent.js',
    )
    .action(async (options: ServeCommandOptions) => {
      await announceNewDatabase(io, options.db);
      // Under load V8 lets the heaps of both threads grow to some times what is in use before it collects.
      setFlagsFromString('--heap-growing-percent=60');
      const service = await serve({
        databaseUrl: options.db,
        host: options.host,
        port: options.port,
        spool: options.spool,
        parts,
        log: (line) => io.note(line),
      });
      io.note(`Dashboard on ${service.url}`);
      io.note(`OTLP/HTTP on ${service.url}/v1/traces and /v1/logs`);
      io.note(`Health on ${service.url}/healthz, /readyz and /metrics; stop with Ctrl-C`);
      if (options.open) {
        openBrowser(service.url, () =>
          io.note(`No browser could be started here: open ${service.url} yourself.`),
        );
      }
      await aborted(signal);
      io.note('Finishing what has begun…');
      await service.close();
    });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw new InvalidArgumentError(`"${text}" is no port, 0 to 65535.`);
}
