import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PackageManager } from '../model/sqlite-driver';

/** Settings of the demo's language model; `null` where none is configured. */
export interface ModelEndpoint {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
}

/** `OPENAI_BASE_URL` and `OPENAI_API_KEY` (and `OPENAI_MODEL`): the demo's agent then asks a model. */
export function readModelEndpoint(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ModelEndpoint | null {
  const baseUrl = environment['OPENAI_BASE_URL'];
  const apiKey = environment['OPENAI_API_KEY'];
  if (baseUrl === undefined || apiKey === undefined) return null;
  return { baseUrl, apiKey, model: environment['OPENAI_MODEL'] ?? 'gpt-4o-mini' };
}

/** What a guest in an agent's process obeys. */
export interface GuestEnvironment {
  /** `EVOLUTION_DISABLED=true`: this package does nothing. */
  readonly disabled: boolean;
  /** `OTEL_SDK_DISABLED=true`: no telemetry in this process at all. */
  readonly sdkDisabled: boolean;
  /** `EVOLUTION_STDERR=false` leaves the guest's one line a minute to `diag`. */
  readonly stderr: boolean;
  readonly serviceName: string;
}

export function readGuestEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): GuestEnvironment {
  const said = (name: string): string => environment[name]?.trim().toLowerCase() ?? '';
  return {
    disabled: ['true', '1'].includes(said('EVOLUTION_DISABLED')),
    sdkDisabled: said('OTEL_SDK_DISABLED') === 'true',
    stderr: !['false', '0'].includes(said('EVOLUTION_STDERR')),
    serviceName: environment['OTEL_SERVICE_NAME'] ?? 'unknown_service:node',
  };
}

/** Files by which a package manager is told, in a folder or above it. */
const lockFiles: readonly [string, PackageManager][] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
];

/** Who runs this process (`npm_config_user_agent`), else whose lock file lies here or above; `npm` where neither tells. */
export function readPackageManager(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  folder: string = process.cwd(),
): PackageManager {
  const agent = environment['npm_config_user_agent'] ?? '';
  if (agent.startsWith('yarn/1.')) return 'yarn 1';
  const name = /^(npm|pnpm|yarn|bun)\//.exec(agent)?.[1];
  if (name !== undefined) return name as PackageManager;
  for (let at = folder; ; at = dirname(at)) {
    const found = lockFiles.find(([name]) => existsSync(join(at, name)));
    if (found?.[1] === 'yarn' && isYarn1(join(at, found[0]))) return 'yarn 1';
    if (found !== undefined) return found[1];
    if (at === dirname(at)) return 'npm';
  }
}

/** Yarn 1 has no `yarn rebuild`; later ones write another kind of lock file. */
function isYarn1(lockFile: string): boolean {
  return readFileSync(lockFile, 'utf8').includes('# yarn lockfile v1');
}
