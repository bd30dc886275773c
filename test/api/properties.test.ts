import fc from 'fast-check';
import { toOpenApi } from '../../src/api/contract/openapi';
import type { Route } from '../../src/api/contract/route';
import { routes } from '../../src/api/routes';
import { problemSchema } from '../../src/wire';
import { startApi, type TestApi } from '../support/api';
import { expectDocument } from '../support/expect-document';
import { arbitraryOf, hostileTexts, type JsonSchema } from '../support/json-schema-arbitrary';
import { interventionLevers, makeInterventions } from '../support/make-interventions';
import { makePattern } from '../support/make-pattern';

// Whatever comes, by the document or against it: never a 5xx, never an answer that the document does not tell.
// EVOLUTION_API_RUNS=1000 npx jest test/api/properties: as many requests for each route.

const numRuns = Number(process.env['EVOLUTION_API_RUNS'] ?? 10);

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: JsonSchema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: JsonSchema } };
  };
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, unknown>> }>>;
}

interface Sent {
  readonly path: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [string, string])[];
  readonly body: unknown;
  readonly accept: string;
}

const document = toOpenApi(routes, { version: '0' }) as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
};

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
/** What there is below each first part of a path. */
const there: Readonly<Record<string, string>> = {
  tasks: 'task-1',
  executions: 'run-1',
  spans: `${traceId}:${spanId}`,
  traces: traceId,
  rewards: 'reward-1',
  patterns: 'PATTERN',
  adaptations: 'MADE adaptation',
  experiments: 'MADE experiment',
  configurations: 'MADE configuration',
  stats: 'agent-1',
  services: 'unknown_service',
};

let served: TestApi;
let patternId: string;
let made: ReadonlyMap<string, string>;
let cursors: readonly string[];

beforeAll(async () => {
  served = await startApi({}, interventionLevers);
  made = await makeInterventions(served.evolution);
  const ids = { task_id: 'task-1', execution_id: 'run-1', agent_id: 'agent-1' };
  const start = { start_time_unix_nano: '1700000000000000001' };
  const end = { end_time_unix_nano: '1700000001000000000' };
  const ofModel = { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 3 };
  const first = { trace_id: traceId, span_id: spanId, name: 'chat', ...start, ...end, ...ids };
  const spans = [0, 1, 2].map((n) => ({ ...first, span_id: spanId.replace('7', String(n)) }));
  const body = { spans: [{ ...first, attributes: ofModel, tags: ['first'] }, ...spans] };
  await served.call('POST', '/api/v1/spans/batch', { body });
  const reward = { id: 'reward-1', execution_id: 'run-1', value: 1 };
  await served.call('POST', '/api/v1/rewards', { body: reward });
  const pattern = makePattern();
  patternId = pattern.id;
  await served.evolution.store.storePattern(pattern);
  const pages = ['/tasks', '/spans', '/executions'].map(async (list) => {
    const page = await served.call('GET', `/api/v1${list}?limit=1`);
    return ((await page.json()) as { next_cursor: string | null }).next_cursor ?? '';
  });
  cursors = await Promise.all(pages);
});

afterAll(() => served.close());

describe.each(routes.map((route) => [route.id, route] as const))('%s', (_, route) => {
  const operation = document.paths[`/api/v1${route.path}`]![route.method]!;
  const served2xx = new Set<number>();

  test.each([
    ['what the document allows', 0],
    ['what it mostly allows', 0.15],
    ['anything', 0.6],
  ])('is asked %s', async (_name, wild) => {
    await fc.assert(
      fc.asyncProperty(requestOf(route, operation, wild), async (sent) => {
        served2xx.add(await ask(route, operation, sent));
      }),
      { numRuns, seed: 20260131 },
    );
    expect(served.errors).toEqual([]);
    // Else the run would have tested refusals alone. What bodies must be beside their schema, the contract test knows.
    if (wild === 0 && operation.requestBody === undefined && !route.path.endsWith('/comparison'))
      expect([...served2xx].some((status) => status < 300)).toBe(true);
  });
});

test('hostile texts in the path, each parameter and each header are text', async () => {
  let next = 0;
  for (const route of routes) {
    const operation = document.paths[`/api/v1${route.path}`]![route.method]!;
    const body = operation.requestBody === undefined ? undefined : {};
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
    const sent: Sent = { path: {}, query: [], body, accept: 'application/json' };
    for (const text of names.length === 0 ? [] : hostileTexts) {
      const path = Object.fromEntries(names.map((name) => [name, text]));
      await ask(route, operation, { ...sent, path });
    }
    const path = Object.fromEntries(names.map((name) => [name, there[route.path.split('/')[1]!]!]));
    for (const { name } of (operation.parameters ?? []).filter((it) => it.in === 'query')) {
      // In turns, so that each kind of parameter meets each text somewhere.
      for (const text of [0, 1, 2, 3].map(() => hostileTexts[next++ % hostileTexts.length]!)) {
        await ask(route, operation, { ...sent, path, query: [[name, text]] });
      }
    }
  }
  for (const header of [
    'authorization',
    'if-none-match',
    'last-event-id',
    'content-type',
    'origin',
  ]) {
    for (const text of hostileTexts.filter((it) => /^[\x20-\x7e]*$/.test(it))) {
      const answer = await served.call('GET', '/api/v1/tasks', { headers: { [header]: text } });
      expect([200, 304, 400, 403, 415]).toContain(answer.status);
      await answer.body?.cancel();
    }
  }
  expect(served.errors).toEqual([]);
  expect((await served.evolution.store.getTask('task-1'))?.id).toBe('task-1');
});

test('a cursor that was changed is refused, or goes on from where it says', async () => {
  const lists = ['/tasks', '/spans', '/executions', '/rewards', '/traces', '/patterns', '/ledger'];
  const changed = fc
    .tuple(fc.constantFrom(...cursors), fc.nat(), fc.string({ unit: 'binary', maxLength: 3 }))
    .map(([cursor, at, text]) => {
      const place = at % (cursor.length + 1);
      return cursor.slice(0, place) + text + cursor.slice(place + 1);
    });
  const inside = fc
    .jsonValue()
    .map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...lists), fc.oneof(changed, inside), async (list, cursor) => {
      const answer = await served.call(
        'GET',
        `/api/v1${list}?cursor=${encodeURIComponent(cursor)}`,
      );
      expect([200, 400]).toContain(answer.status);
      tellsNothing(await answer.text());
    }),
    { numRuns: numRuns * 10, seed: 20260131 },
  );
  expect(served.errors).toEqual([]);
});

function requestOf(route: Route, operation: Operation, wild: number): fc.Arbitrary<Sent> {
  const { schemas } = document.components;
  const text = (schema: JsonSchema): fc.Arbitrary<string> =>
    arbitraryOf(schema, schemas, wild).map((value) =>
      typeof value === 'string'
        ? value
        : Array.isArray(value)
          ? value.join(',')
          : JSON.stringify(value ?? null),
    );
  const parameters = operation.parameters ?? [];
  const named = (place: string) => parameters.filter((it) => it.in === place);
  const path = fc.record(
    Object.fromEntries(
      named('path').map(({ name, schema }) => [
        name,
        // Mostly what there is, else each answer would be a 404.
        fc.oneof(
          { arbitrary: fc.constant(there[route.path.split('/')[1]!] ?? ''), weight: 3 },
          { arbitrary: text(schema), weight: 1 },
        ),
      ]),
    ),
  );
  const required = named('query').filter((it) => it.required);
  const optional = named('query').filter((it) => !it.required);
  const query = fc
    .subarray(optional, { maxLength: Math.min(optional.length, wild === 0 ? 2 : 6) })
    .chain((some) =>
      fc.tuple(
        ...[...required, ...some].map(({ name, schema }) =>
          fc.tuple(fc.constant(name.replace('KEY', 'some.key')), text(schema)),
        ),
      ),
    );
  const schema = operation.requestBody?.content['application/json'].schema;
  const body = schema === undefined ? fc.constant(undefined) : arbitraryOf(schema, schemas, wild);
  const accept = fc.constantFrom(
    'application/json',
    'application/json',
    'application/x-ndjson',
    '*/*',
  );
  return fc.record({ path, query, body, accept });
}

/** One request, and everything that holds of any answer. */
async function ask(route: Route, operation: Operation, sent: Sent): Promise<number> {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = sent.path[name] ?? '';
    return encodeText(value === 'PATTERN' ? patternId : (made.get(value.slice(5)) ?? value));
  });
  const query = sent.query
    .map(([name, value]) => `${encodeText(name)}=${encodeText(value)}`)
    .join('&');
  const answer = await served.call(route.method.toUpperCase(), `/api/v1${path}?${query}`, {
    headers: { accept: sent.accept },
    ...(sent.body === undefined ? {} : { body: sent.body }),
  });
  const { status } = answer;
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  if (type === 'text/event-stream') {
    await answer.body!.cancel();
    return status;
  }
  const text = await answer.text();
  tellsNothing(text);
  expect(status).toBeLessThan(500);
  // An empty or odd id makes the path another one, which is no route.
  if (status === 404 || status === 405) return status;
  expect(Object.keys(operation.responses)).toContain(String(status));
  expect(Object.keys(operation.responses[status]?.content ?? {})).toContain(type);
  if (status >= 400) expectDocument(problemSchema, JSON.parse(text));
  else if (type === 'application/json') expectDocument(route.answers[status]!, JSON.parse(text));
  else {
    for (const line of text.split('\n').filter(Boolean)) {
      expectDocument(route.streams[type]!, JSON.parse(line));
    }
  }
  return status;
}

/** No stack, no SQL of ours, no file, and no prototype that everybody shares was touched. */
function tellsNothing(text: string): void {
  expect(text).not.toMatch(
    /SQLITE_[A-Z]|\bat (async )?\w+ \(|node_modules|evolution\.db|select ["`]/,
  );
  expect(Object.keys(Object.prototype)).toEqual([]);
}

/** As `encodeURIComponent`, and with lone surrogates, which that refuses. */
function encodeText(text: string): string {
  return encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd'));
}
