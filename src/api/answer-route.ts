import { createHash } from 'node:crypto';
import { checked } from './contract/checked';
import { readJson } from './contract/read-json';
import { readQuery } from './contract/read-query';
import type { Answer, RawAnswer, Route, RouteContext } from './contract/route';

/** Reads the request by the route's schemas, asks its handler, and makes the answer. */
export async function answerRoute(
  route: Route,
  request: Request,
  params: Readonly<Record<string, string>>,
  context: Omit<RouteContext, 'signal' | 'headers'>,
): Promise<Response> {
  const input = {
    params: route.params === null ? {} : checked(route.params, params, 'path'),
    query: readQuery(route.query, new URL(request.url).searchParams),
    body: route.body === null ? null : checked(route.body, await readJson(request), 'field'),
  };
  const { signal, headers } = request;
  const answer = await route.handle(input, { ...context, signal, headers });
  return isRaw(answer) ? streamed(answer) : encoded(answer, route, request);
}

function isRaw(answer: Answer | RawAnswer): answer is RawAnswer {
  return 'stream' in answer;
}

function streamed({ contentType, stream }: RawAnswer): Response {
  return new Response(stream, {
    headers: { 'content-type': contentType, 'cache-control': 'no-store' },
  });
}

function encoded({ status, body, headers }: Answer, route: Route, request: Request): Response {
  const text = JSON.stringify(body);
  const etag = route.etag
    ? `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`
    : null;
  const all = {
    ...headers,
    'cache-control': 'no-cache',
    ...(etag === null ? undefined : { etag }),
  };
  if (etag !== null && matches(request.headers.get('if-none-match'), etag)) {
    return new Response(null, { status: 304, headers: all });
  }
  return new Response(text, { status, headers: { ...all, 'content-type': 'application/json' } });
}

function matches(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  const wanted = ifNoneMatch.split(',').map((value) => value.trim().replace(/^W\//, ''));
  return wanted.includes(etag) || wanted.includes('*');
}
