import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EvolutionApi, EvolutionApiOptions } from '../../src/api';
import type { Lever } from '../../src/model/adaptation';
import type { TokenScope } from '../../src/model/token';
import { createEvolution, createEvolutionAPI } from '../../src/runtime';
import type { Evolution } from '../../src/runtime';

/** The API over a database of its own, in this process; scopes are what the header `x-scopes` says. */
export interface TestApi {
  readonly evolution: Evolution;
  readonly api: EvolutionApi;
  readonly errors: unknown[];
  readonly databaseFile: string;
  call(method: string, path: string, options?: CallOptions): Promise<Response>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** @defaultValue `admin`; `null`: not signed in */
  readonly scope?: TokenScope | null;
}

export async function startApi(
  options: EvolutionApiOptions = {},
  levers: readonly Lever[] = [],
): Promise<TestApi> {
  const folder = mkdtempSync(join(tmpdir(), 'evolution-api-'));
  const databaseFile = join(folder, 'evolution.db');
  const evolution = await createEvolution({ databaseUrl: `sqlite:${databaseFile}`, levers });
  const errors: unknown[] = [];
  const api = await createEvolutionAPI(evolution, {
    authorize: ({ headers }) => {
      const scopes = headers.get('x-scopes');
      return scopes === null ? null : (scopes.split(',') as TokenScope[]);
    },
    onError: (error) => errors.push(error),
    ...options,
  });
  return {
    evolution,
    api,
    errors,
    databaseFile,
    call(method, path, { body, headers, scope = 'admin' } = {}) {
      return api.fetch(
        new Request(`http://localhost${path}`, {
          method,
          headers: {
            ...(scope === null ? undefined : { 'x-scopes': scope }),
            ...(body === undefined ? undefined : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? undefined : { body: asText(body) }),
        }),
      );
    },
    async close() {
      await evolution.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function asText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}
