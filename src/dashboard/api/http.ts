import type { Problem } from '../../wire';

/** An answer that is not what was asked for, or no answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    /** `offline`: nothing answered. */
    readonly kind: 'offline' | 'problem',
    readonly problem: Problem,
  ) {
    super(problem.detail);
  }

  get status(): number {
    return this.problem.status;
  }

  /** Will come back by itself: the server or its database is away. */
  get passes(): boolean {
    return this.kind === 'offline' || this.status === 503;
  }
}

export type Params = Readonly<Record<string, string | number | undefined>>;

const base = '/api/v1';

export async function getJson<T>(
  path: string,
  params: Params = {},
  signal?: AbortSignal,
): Promise<T> {
  return (await send('GET', `${path}${queryOf(params)}`, undefined, signal)) as T;
}

export async function postJson<T>(path: string, body: unknown): Promise<T> {
  return (await send('POST', path, body)) as T;
}

async function send(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<unknown> {
  const headers = {
    accept: 'application/json',
    ...authorization(),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const request = {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  };
  const asked = firstRead(method, path) ?? fetch(`${base}${path}`, request);
  const response = await asked.catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiError('offline', noAnswer(path));
  });
  if (response.ok) return response.json();
  throw new ApiError('problem', await readProblem(response, path));
}

/** By path: what `public/before-paint.js` asked for while this program was still on its way. */
declare global {
  var firstReads: Record<string, Promise<Response>> | undefined;
}

/** An answer that was asked for beforehand; it is new only once. */
function firstRead(method: string, path: string): Promise<Response> | undefined {
  const read = method === 'GET' ? globalThis.firstReads?.[path] : undefined;
  delete globalThis.firstReads?.[path];
  return read;
}

/** The query of a request; what is not set is left out. */
function queryOf(params: Params): string {
  const set = Object.entries(params).filter(([, value]) => value !== undefined && value !== '');
  const query = new URLSearchParams(set.map(([key, value]) => [key, String(value)])).toString();
  return query === '' ? '' : `?${query}`;
}

/** The address of a document, to open or to fetch by hand. */
export function documentUrl(path: string): string {
  return `${window.location.origin}${base}${path}`;
}

const tokenKey = 'otel-evolution.token';

/** Kept for this tab only. */
export function setToken(token: string): void {
  window.sessionStorage.setItem(tokenKey, token);
}

export function authorization(): Readonly<Record<string, string>> {
  const token = window.sessionStorage.getItem(tokenKey);
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

async function readProblem(response: Response, path: string): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  if (typeof body === 'object' && body !== null && 'detail' in body && 'code' in body) {
    return body as Problem;
  }
  return {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    code: 'unreadable',
    detail: `The server answered ${response.status} without saying why.`,
    hint: null,
    instance: path,
  };
}

function noAnswer(path: string): Problem {
  return {
    type: 'about:blank',
    title: 'No answer',
    status: 0,
    code: 'offline',
    detail: 'The server does not answer.',
    hint: 'Is `otel-evolution serve` still running? This page comes back by itself.',
    instance: path,
  };
}
