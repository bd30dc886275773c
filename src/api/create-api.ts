import { Hono } from 'hono';
import type { Check } from '../model/ports-upkeep';
import type { Clock } from '../model/ports';
import type { ServiceDesk } from '../model/service-desk';
import type { TokenScope } from '../model/token';
import { problem } from '../wire';
import { answerProblem, problemResponse } from './answer-problem';
import { answerRoute } from './answer-route';
import { toOpenApi } from './contract/openapi';
import type { Method, Route, ServedEvolution } from './contract/route';
import type { EventFeed } from './event-feed';
import type { Access } from './guard';
import type { RefusalLog } from './refusal-log';
import { routes } from './routes';
import { allows } from './scope';

export interface ApiOptions {
  readonly evolution: ServedEvolution;
  readonly clock: Clock;
  readonly events: EventFeed;
  /** Path that everything lies below, without a slash at its end; empty for none. */
  readonly prefix: string;
  readonly version: string;
  /** It is `serve`, which answers OTLP and probes as well. */
  readonly server: boolean;
  readonly judge: Judge;
  readonly refusals: RefusalLog;
  readonly diagnose: ServiceDesk['diagnose'];
  readonly externalLinks: ServiceDesk['externalLinks'];
  /** Origins whose pages may send rewards. */
  readonly corsOrigins: readonly string[];
  /** Hears of errors that are not the caller's. */
  readonly onError: (error: unknown) => void;
}

/** Says who may; `originAllowed`: the route takes requests from pages of this origin. */
export type Judge = (request: Request, originAllowed: boolean) => Promise<Access>;

/** The one route that web pages of other origins may call: a person's judgement of what an agent did. */
const openToPages = '/rewards';

/** `/openapi.json` and everything below `/api/v1`, for a web-standard `fetch`. */
export function createApi(options: ApiOptions): Hono {
  const app = new Hono();
  const { prefix, onError, version, server } = options;
  const document = JSON.stringify(toOpenApi(routes, { version, prefix, server }));
  app.get(`${prefix}/openapi.json`, (c) =>
    c.body(document, 200, { 'content-type': 'application/json' }),
  );
  const base = `${prefix}/api/v1`;
  app.options(`${base}${openToPages}`, (c) => preflight(c.req.raw, options.corsOrigins));
  for (const route of routes) addRoute(app, base, route, options);
  addMethodsNotAllowed(app, base);
  app.notFound(({ req }) =>
    problemResponse(problem(404, 'not_found', `There is no ${req.path} here.`, req.path)),
  );
  app.onError((error, { req }) => answerProblem(error, req.path, onError));
  return app;
}

/** What `serve` answers at `/openapi.json`. */
export function describeApi(version: string): object {
  return toOpenApi(routes, { version, server: true });
}

function addRoute(app: Hono, base: string, route: Route, options: ApiOptions): void {
  const { evolution, clock, events, judge, corsOrigins, onError } = options;
  const context = { ...partsOf(evolution), ...deskOf(options), clock, events };
  app.on(route.method, `${base}${honoPath(route.path)}`, async (c) => {
    const request = c.req.raw;
    const page = pageOrigin(route, request, corsOrigins);
    const access = await judge(request, page !== null);
    const refusal = refuse(access, route.scope, c.req.path);
    const answer =
      refusal ??
      (await answerRoute(route, request, c.req.param(), context).catch((error: unknown) => {
        const problem = answerProblem(error, c.req.path, onError);
        if (route.scope === 'ingest' && problem.status < 500 && error instanceof Error) {
          options.refusals.add('api', error.message);
        }
        return problem;
      }));
    if (page !== null) {
      answer.headers.set('access-control-allow-origin', page);
      answer.headers.append('vary', 'Origin');
    }
    return answer;
  });
}

/** Callers at the same time share one look. */
function deskOf({ diagnose, externalLinks, refusals }: ApiOptions) {
  let looking: Promise<readonly Check[]> | null = null;
  return {
    desk: {
      externalLinks,
      refusals: () => refusals.read(),
      diagnose: () => (looking ??= diagnose().finally(() => (looking = null))),
    } satisfies ServiceDesk,
    noteRefused: (reason: string) => refusals.add('api', reason),
  };
}

/** What handlers get, and nothing else that an evolution has. */
function partsOf(evolution: ServedEvolution): ServedEvolution {
  const { store, sink, learner, adaptation, experiments, configurations } = evolution;
  return { store, sink, learner, adaptation, experiments, configurations };
}

/** Why the caller may not, or `null`. */
export function refuse(access: Access, scope: TokenScope, path: string): Response | null {
  if (!access.allowed) {
    const { status, detail } = access;
    const code = status === 401 ? 'unauthorized' : 'forbidden';
    const headers: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
    return problemResponse(problem(status, code, detail, path), headers);
  }
  if (allows(access.scopes, scope)) return null;
  const detail = `This needs the scope "${scope}"; the token has ${access.scopes.join(', ')}.`;
  const hint = `otel-evolution token create --scope ${scope}`;
  return problemResponse(problem(403, 'forbidden', detail, path, hint));
}

function honoPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

function pageOrigin(
  { path, method }: Route,
  request: Request,
  corsOrigins: readonly string[],
): string | null {
  const origin = request.headers.get('origin');
  const open = path === openToPages && method === 'post';
  return open && origin !== null && corsOrigins.includes(origin) ? origin : null;
}

function preflight(request: Request, corsOrigins: readonly string[]): Response {
  const origin = request.headers.get('origin') ?? '';
  if (!corsOrigins.includes(origin)) {
    const { pathname } = new URL(request.url);
    return problemResponse(problem(403, 'forbidden', `Origin "${origin}" is not ours.`, pathname));
  }
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-max-age': '600',
      vary: 'Origin',
    },
  });
}

/** A path that exists with another method is a 405 that says which. */
function addMethodsNotAllowed(app: Hono, base: string): void {
  const methods = new Map<string, Method[]>();
  for (const { path, method } of routes) methods.set(path, [...(methods.get(path) ?? []), method]);
  for (const [path, known] of methods) {
    const allow = known.map((method) => method.toUpperCase()).join(', ');
    app.all(`${base}${honoPath(path)}`, ({ req }) =>
      problemResponse(
        problem(
          405,
          'method_not_allowed',
          `${req.path} takes ${allow}, not ${req.method}.`,
          req.path,
        ),
        { allow },
      ),
    );
  }
}
