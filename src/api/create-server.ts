import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import { createAdaptorServer } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, MiddlewareHandler } from 'hono';
import { Hono } from 'hono';
import { ConfigError } from '../errors';
import type { Clock } from '../model/ports';
import type { ServiceDesk } from '../model/service-desk';
import type { TokenScope, TokenBook } from '../model/token';
import { problem } from '../wire';
import { answerProblem, problemResponse } from './answer-problem';
import type { ServedEvolution } from './contract/route';
import { createApi, refuse } from './create-api';
import { describeRequest } from './create-evolution-api';
import { serveDashboard } from './dashboard-files';
import { EventFeed } from './event-feed';
import { checkBinding, createGuard, type Guard } from './guard';
import { keepAliveMillis, keepConnections } from './keep-connections';
import type { Metrics } from './metrics';
import type { RefusalLog } from './refusal-log';

/** A protocol that reads its own body: OTLP counts bytes while they stream. */
export type ProtocolHandler = (request: {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
  readonly connection: object;
}) => Promise<{
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Settles when nothing more of the request is coming. */
  readonly rest?: Promise<unknown>;
}>;

export interface ServerOptions {
  /** Everything below `/v1/`. */
  readonly otlp: ProtocolHandler;
  /** `/openapi.json` and what is below `/api/v1/`; without it the server only receives. */
  readonly api?: ServedApi | undefined;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Resolves when the store takes and gives rows. */
  readonly checkReady: () => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly host: string;
  readonly port: number;
  readonly token: string | null;
  /** Those made by `token create`. @defaultValue none */
  readonly tokens?: TokenBook | undefined;
  /** Near it the connection that has been idle longest makes way; beyond it one is closed at once. @defaultValue no bound */
  readonly maxConnections?: number | undefined;
  /** What runs here, for `/healthz`. */
  readonly build?: Readonly<Record<string, string>> | undefined;
  /** Folder of the built dashboard; without it, or where it is absent, `/` is not found. */
  readonly dashboard?: URL | undefined;
}

export interface ServedApi {
  readonly evolution: ServedEvolution;
  readonly version: string;
  /** Origins whose pages may send rewards. */
  readonly corsOrigins: readonly string[];
  readonly refusals: RefusalLog;
  readonly diagnose: ServiceDesk['diagnose'];
  readonly externalLinks: ServiceDesk['externalLinks'];
}

export interface RunningServer {
  readonly url: string;
  /** Takes no new connection, answers what has begun, then resolves. */
  close(): Promise<void>;
}

/**
 * The HTTP server: OTLP, the API, `/openapi.json`, `/healthz`, `/readyz`, `/metrics`, and the dashboard.
 *
 * @throws ConfigError where it may not or cannot listen, e.g. on a port that is taken.
 */
export async function createServer(options: ServerOptions): Promise<RunningServer> {
  await checkBinding(options);
  const dashboard = options.dashboard ? await serveDashboard(options.dashboard) : null;
  const server = createAdaptorServer({
    fetch: createApp(options, dashboard).fetch,
    serverOptions: {
      headersTimeout: 10_000,
      // Behind the deadline of a body, which is answered.
      requestTimeout: 40_000,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: keepAliveMillis,
    },
  }) as Server;
  if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections;
  const connections = keepConnections(server, options.maxConnections);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(options, cause)));
    server.listen(options.port, options.host, resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        connections.drain();
      }),
  };
}

function cannotListen({ host, port }: ServerOptions, cause: NodeJS.ErrnoException): ConfigError {
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: 'the port is taken',
    EACCES: 'this user may not open that port',
    EADDRNOTAVAIL: 'this machine does not have that address',
    ENOTFOUND: 'there is no such host',
  };
  return new ConfigError(
    `Cannot listen on ${host}, port ${port}: ${why[cause.code ?? ''] ?? cause.message}.`,
    { cause, hint: 'Choose another with --host and --port; port 0 picks a free one.' },
  );
}

type Bindings = { Bindings: HttpBindings };

function createApp(options: ServerOptions, dashboard: MiddlewareHandler | null): Hono<Bindings> {
  const app = new Hono<Bindings>();
  const guard = createGuard(options);
  const guarded =
    (scope: TokenScope, answer: (c: Context<Bindings>) => Promise<Response>) =>
    async (c: Context<Bindings>): Promise<Response> => {
      const access = await guard(describeRequest(c.req.raw, false));
      return refuse(access, scope, c.req.path) ?? (await answer(c));
    };

  app.get('/healthz', (c) => c.json({ status: 'ok', ...options.build }));
  if (dashboard !== null) app.use(dashboard);
  app.all(
    '/v1/*',
    guarded('ingest', (c) => answerProtocol(c, options.otlp)),
  );
  app.get(
    '/readyz',
    guarded('read', async (c) => {
      await options.checkReady();
      return c.json({ status: 'ready' });
    }),
  );
  app.get(
    '/metrics',
    guarded('read', async (c) => {
      c.header('content-type', options.metrics.contentType);
      return c.body(await options.metrics.render());
    }),
  );
  if (options.api !== undefined) app.route('/', createServedApi(options.api, options, guard));
  app.notFound(({ req }) =>
    problemResponse(problem(404, 'not_found', `There is no ${req.path} here.`, req.path)),
  );
  app.onError((error, { req }) => answerProblem(error, req.path, options.onError));
  return app;
}

async function answerProtocol(c: Context<Bindings>, handle: ProtocolHandler): Promise<Response> {
  const { incoming, outgoing } = c.env;
  const answer = await handle({
    method: c.req.method,
    path: c.req.path,
    headers: incoming.headers,
    body: incoming,
    connection: incoming.socket,
  });
  const { status, headers, body, rest } = answer;
  if (rest === undefined) return new Response(body as Uint8Array<ArrayBuffer>, answer);
  // The whole answer goes out now; the connection ends when the client has read it.
  outgoing.writeHead(status, { ...headers, 'content-length': body.length });
  outgoing.write(body);
  void rest.finally(() => outgoing.end());
  return RESPONSE_ALREADY_SENT;
}

function createServedApi(api: ServedApi, { clock, onError }: ServerOptions, guard: Guard): Hono {
  const { store } = api.evolution;
  const epoch = randomBytes(4).toString('hex');
  return createApi({
    ...api,
    clock,
    onError,
    prefix: '',
    server: true,
    events: new EventFeed({ store, onError, epoch }),
    judge: (request, originAllowed) => guard(describeRequest(request, originAllowed)),
  });
}
