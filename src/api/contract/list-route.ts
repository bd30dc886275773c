import type { z } from 'zod';
import type { Page, PageRequest } from '../../model/query';
import { pageToWire, type PageJson } from '../../wire';
import { pageQuery } from './query-schemas';
import { defineRoute, type RawAnswer, type Route, type RouteContext } from './route';

interface ItemsSpec<T, W, P extends z.ZodObject> {
  readonly id: string;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly params?: P;
  readonly item: z.ZodType<W, W>;
  readonly toWire: (item: T) => W;
  readonly problems?: readonly number[];
}

interface ListSpec<T, W, B, Q extends z.ZodObject, P extends z.ZodObject> extends ItemsSpec<
  T,
  W,
  P
> {
  readonly query: Q;
  readonly page: z.ZodType<B, B>;
  /** @defaultValue `{ items, next_cursor }` */
  readonly toPage?: (page: Page<T>) => B;
  /** Throws for a list that does not exist, before anything is streamed. */
  readonly read: (
    input: { params: z.output<P>; query: z.output<Q> },
    page: PageRequest,
    context: RouteContext,
  ) => Promise<Page<T>>;
}

/**
 * A list by keyset: a page of JSON, or with `Accept: application/x-ndjson` everything that matches, one
 * item a line, without a cap unless `limit` says one.
 */
export function listRoute<
  T,
  W,
  Q extends z.ZodObject,
  P extends z.ZodObject = z.ZodObject,
  B = PageJson<W>,
>(spec: ListSpec<T, W, B, Q, P>): Route {
  const { item, page, query, read, toWire, toPage, ...text } = spec;
  const body = toPage ?? ((found: Page<T>) => pageToWire(found, toWire) as B);
  return defineRoute({
    ...text,
    method: 'get',
    scope: 'read',
    query: query.extend(pageQuery),
    answers: { 200: page },
    streams: { [ndjson]: item },
    async handle({ params, query: asked }, context) {
      const input = { params: params, query: asked as z.output<Q> };
      const { limit, cursor } = asked as PageRequest;
      const next = (request: PageRequest): Promise<Page<T>> => read(input, request, context);
      if (wantsNdjson(context.headers)) return streamAll(next, toWire, limit, cursor, context);
      return { status: 200, body: body(await next({ limit, cursor })) };
    },
  });
}

interface WholeListSpec<T, W, Q extends z.ZodObject, P extends z.ZodObject> extends ItemsSpec<
  T,
  W,
  P
> {
  readonly query?: Q;
  readonly list: z.ZodType<{ items: W[] }, { items: W[] }>;
  readonly read: (
    input: { params: z.output<P>; query: z.output<Q> },
    context: RouteContext,
  ) => Promise<readonly T[]>;
}

/** A list that people make, and so is short: all of it, also as NDJSON. */
export function wholeListRoute<
  T,
  W,
  Q extends z.ZodObject = z.ZodObject,
  P extends z.ZodObject = z.ZodObject,
>({ item, list, read, toWire, ...text }: WholeListSpec<T, W, Q, P>): Route {
  return defineRoute({
    ...text,
    method: 'get',
    scope: 'read',
    answers: { 200: list },
    streams: { [ndjson]: item },
    async handle({ params, query }, context) {
      const items = await read({ params, query }, context);
      if (!wantsNdjson(context.headers)) return { status: 200, body: { items: items.map(toWire) } };
      const whole = (): Promise<Page<T>> => Promise.resolve({ items, nextCursor: null });
      return streamAll(whole, toWire, Infinity, undefined, context);
    },
  });
}

const ndjson = 'application/x-ndjson';
/** Of a stream: large enough that what a page costs is little, and what waits to be sent is too. */
const streamedPage = 250;

function wantsNdjson(headers: Headers): boolean {
  return (headers.get('accept') ?? '').toLowerCase().includes(ndjson);
}

/**
 * The first page is read before the answer begins, so that a mistake is a problem and not a broken stream. A
 * failure on the way breaks the connection: an answer that ends well is complete.
 */
async function streamAll<T>(
  read: (page: PageRequest) => Promise<Page<T>>,
  toWire: (item: T) => unknown,
  limit = Infinity,
  cursor: string | undefined,
  { signal }: RouteContext,
): Promise<RawAnswer> {
  let left = limit;
  let from: string | null | undefined = cursor;
  const next = async (): Promise<readonly T[]> => {
    const page = await read({ limit: Math.min(left, streamedPage), cursor: from ?? undefined });
    left -= page.items.length;
    from = left > 0 ? page.nextCursor : null;
    return page.items;
  };
  let first: readonly T[] | null = await next();
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    // Read when there is room for it: nothing is read ahead.
    async pull(controller) {
      let items = first ?? [];
      first = null;
      while (items.length === 0 && from !== null && !signal.aborted) items = await next();
      const lines = items.map((item) => `${JSON.stringify(toWire(item))}\n`);
      if (lines.length > 0) controller.enqueue(encoder.encode(lines.join('')));
      if (from === null || signal.aborted) controller.close();
    },
  });
  return { status: 200, contentType: ndjson, stream };
}
