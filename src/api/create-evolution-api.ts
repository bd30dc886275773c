import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { ConfigError } from '../errors';
import type { Clock } from '../model/ports';
import type { ExternalLink, ServiceDesk } from '../model/service-desk';
import type { TokenScope, TokenBook } from '../model/token';
import { createApi } from './create-api';
import type { ServedEvolution } from './contract/route';
import { EventFeed } from './event-feed';
import { createGuard } from './guard';
import { RefusalLog } from './refusal-log';

export interface EvolutionApiOptions {
  /** Path that the API is mounted under, e.g. `/evolution`. @defaultValue none */
  readonly prefix?: string | undefined;
  /**
   * Your own sign-in: the scopes of who sends this request, `null` for none. Without it a bearer token is
   * needed, one of `otel-evolution token create` or `token`.
   */
  readonly authorize?:
    | ((request: Request) => readonly TokenScope[] | null | Promise<readonly TokenScope[] | null>)
    | undefined;
  /** A secret of 16 characters or more that may everything. */
  readonly token?: string | undefined;
  /** Origins whose pages may send rewards, e.g. `https://chat.example.com`. @defaultValue none */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Ways to a trace in other tools, for a page of yours. @defaultValue none */
  readonly externalLinks?: readonly ExternalLink[] | undefined;
  /** Hears of errors that are not the caller's. @defaultValue nobody */
  readonly onError?: ((error: unknown) => void) | undefined;
}

export interface EvolutionApi {
  /** For Next.js route handlers, Hono, Bun, Deno, workers: web standard. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** For Node's `http`, Express and Fastify; also behind a parser that has read the body. */
  readonly listener: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** What the composition root adds to what a user says. */
export interface ApiSurroundings {
  readonly clock: Clock;
  readonly tokens?: TokenBook | undefined;
  readonly version: string;
  readonly diagnose: ServiceDesk['diagnose'];
}

/**
 * The REST API over an open `Evolution`, to be mounted in any server: `/api/v1/…` and `/openapi.json` below
 * the prefix. It never listens by itself, and never answers a request without a scope.
 *
 * @throws ConfigError for an option that cannot be used
 */
export function createEvolutionApi(
  evolution: ServedEvolution,
  options: EvolutionApiOptions,
  { clock, tokens, version, diagnose }: ApiSurroundings,
): EvolutionApi {
  const { authorize, onError = () => {}, corsOrigins = [], token = null } = options;
  if (token !== null && token.length < 16) {
    throw new ConfigError('token: expected 16 characters or more.');
  }
  const guard = createGuard({ host: null, token, tokens, clock });
  const app = createApi({
    evolution,
    clock,
    events: new EventFeed({
      store: evolution.store,
      onError,
      epoch: randomBytes(4).toString('hex'),
    }),
    prefix: checkPrefix(options.prefix ?? ''),
    version,
    server: false,
    refusals: new RefusalLog(clock),
    diagnose,
    externalLinks: options.externalLinks ?? [],
    corsOrigins,
    onError,
    async judge(request, originAllowed) {
      if (authorize === undefined) return guard(describeRequest(request, originAllowed));
      const scopes = await authorize(request);
      if (scopes !== null) return { allowed: true, scopes };
      return { allowed: false, status: 401, detail: 'You are not signed in.' };
    },
  });
  const fetch = async (request: Request): Promise<Response> => app.fetch(request);
  const answer = getRequestListener(fetch);
  return {
    fetch,
    listener: (request, response) => answer(withBody(request), response),
  };
}

/** A body that a parser of the application's has read already (`express.json()`) is handed on where the listener looks. */
function withBody(request: IncomingMessage & { body?: unknown; rawBody?: unknown }) {
  const { body, rawBody } = request;
  if (!request.readableEnded || rawBody !== undefined || body === undefined) return request;
  const read = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return Object.assign(request, { rawBody: Buffer.from(read) });
}

export function describeRequest({ headers }: Request, originAllowed: boolean) {
  return {
    host: headers.get('host') ?? undefined,
    origin: headers.get('origin') ?? undefined,
    authorization: headers.get('authorization') ?? undefined,
    originAllowed,
  };
}

function checkPrefix(prefix: string): string {
  if (prefix === '' || /^(\/[\w.~-]+)+$/.test(prefix)) return prefix;
  throw new ConfigError(`prefix: expected a path such as "/evolution", got "${prefix}".`);
}
