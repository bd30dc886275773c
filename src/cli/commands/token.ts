import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { TokenScope, StoredToken } from '../../model/token';
import { issueToken, revokeToken } from '../../runtime';
import { formatInstant, scopes, tokenToWire } from '../../wire';
import type { CliContext, DatabaseOptions, JsonOption } from '../context';
import { databaseOption, jsonOption, printJson, withEvolution, withNewEvolution } from '../context';
import { formatTable } from '../format/table';

type Options = DatabaseOptions & JsonOption;

interface CreateOptions extends Options {
  readonly scope: readonly TokenScope[];
  readonly name?: string;
  readonly expires?: number;
}

/** `token create`, `token list`, `token revoke`: keys to `serve` and to `createEvolutionAPI`. */
export function addTokenCommands(program: Command, context: CliContext): void {
  const group = program.command('token').description('Keys to the HTTP API and the OTLP receiver');
  addCreate(group, context);
  addList(group, context);
  addRevoke(group, context);
}

function addCreate(group: Command, { io }: CliContext): void {
  group
    .command('create')
    .description('Make a token and print its secret, this once')
    .requiredOption('--scope <scopes>', `one or more of ${scopes.join(',')}`, parseScopes)
    .option('--name <name>', 'what it is for')
    .option('--expires <time>', 'from now, e.g. 12h, 30d, 8w (never)', parseLifetime)
    .addOption(databaseOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ TOKEN=$(otel-evolution token create --scope ingest)')
    .action((options: CreateOptions) =>
      withNewEvolution(io, options, async (evolution) => {
        const { token, secret } = await issueToken(evolution, {
          scopes: options.scope,
          name: options.name,
          lifetimeMillis: options.expires,
        });
        if (options.json === true) return printJson(io, { ...tokenToWire(token), secret });
        await io.write(`${secret}\n`);
        io.note(
          `Token ${token.id} for ${token.scopes.join(', ')}, ${untilText(token)}. ` +
            'Its secret is not stored: it is shown only now.',
        );
      }),
    );
}

function addList(group: Command, { io }: CliContext): void {
  group
    .command('list')
    .description('All tokens, without their secrets, the latest first')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((options: Options) =>
      withEvolution(options, async ({ store }) => {
        const tokens = await store.listTokens();
        if (options.json === true) return printJson(io, { items: tokens.map(tokenToWire) });
        if (tokens.length === 0) return io.note('There is no token.');
        await io.write(`${formatTokens(tokens, io.columns)}\n`);
      }),
    );
}

function addRevoke(group: Command, { io }: CliContext): void {
  group
    .command('revoke <id>')
    .description('Refuse a token from now on; it stays in the list')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((id: string, options: Options) =>
      withEvolution(options, async (evolution) => {
        const token = await revokeToken(evolution, id);
        if (options.json === true) return printJson(io, tokenToWire(token));
        await io.write(`${token.id} is revoked\n`);
      }),
    );
}

function formatTokens(tokens: readonly StoredToken[], width: number | null): string {
  return formatTable(
    tokens,
    [
      { title: 'id', value: (t) => t.id },
      { title: 'name', value: (t) => t.name ?? '–', flexible: true },
      { title: 'scopes', value: (t) => t.scopes.join(',') },
      { title: 'created', value: (t) => toMinute(t.createdAtUnixNano) },
      { title: 'valid', value: untilText },
    ],
    width,
  );
}

function untilText({
  expiresAtUnixNano: expires,
  revokedAtUnixNano: revoked,
}: StoredToken): string {
  if (revoked !== null) return `revoked ${toMinute(revoked)}`;
  return expires === null ? 'for ever' : `until ${toMinute(expires)}`;
}

function toMinute(unixNano: bigint): string {
  return `${formatInstant(unixNano).slice(0, 16)}Z`;
}

function parseScopes(text: string): readonly TokenScope[] {
  return text.split(',').map((part) => {
    const scope = scopes.find((known) => known === part.trim());
    if (scope !== undefined) return scope;
    throw new InvalidArgumentError(`"${part}" is none of ${scopes.join(', ')}.`);
  });
}

const unitMillis = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

function parseLifetime(text: string): number {
  const parts = /^([1-9]\d{0,4})([mhdw])$/.exec(text);
  if (parts !== null) return Number(parts[1]) * unitMillis[parts[2] as keyof typeof unitMillis];
  throw new InvalidArgumentError(`"${text}" is no time such as 90m, 12h, 30d or 8w.`);
}
