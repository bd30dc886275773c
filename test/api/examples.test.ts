import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { toOpenApi } from '../../src/api/contract/openapi';
import { routes } from '../../src/api/routes';
import { createEvolution, createEvolutionAPI } from '../../src/runtime';
import { expectDocument } from '../support/expect-document';

// Every document that enters or leaves has an example in /openapi.json, and it is a document of its schema. Those of
// answers are what the demo's database answered; anew after `npm run demo -- --db sqlite:demo.db`, then
// EXAMPLES_FROM=demo.db npx jest test/api/examples, and prettier.

const source = process.env['EXAMPLES_FROM'];
const file = 'src/api/contract/examples.json';

type Schema = { readonly examples?: readonly unknown[]; readonly $ref?: string };
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly description?: string }[];
}

const document = toOpenApi(routes, { version: '0' }) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

const idOf = (schema: z.ZodType): string => String(z.globalRegistry.get(schema)?.['id']);
const answers = routes.flatMap((route) => Object.values(route.answers).map((it) => [idOf(it), it]));
const bodies = routes.flatMap(({ bodyInDocument: it }) => (it === null ? [] : [[idOf(it), it]]));
const unique = (pairs: readonly unknown[]) =>
  [...new Map(pairs as [string, z.ZodType][])].sort(([x], [y]) => (x < y ? -1 : 1));

if (source !== undefined) {
  test('examples are recorded', async () => writeFileSync(file, await record(source)), 300_000);
} else {
  test.each(unique(answers))('an answer %s has an example of its schema', (id, schema) => {
    const [example] = document.components.schemas[id]?.examples ?? [];
    expectDocument(schema, example);
  });

  test.each(unique(bodies))('a body %s has an example that is taken', (id, schema) => {
    const { examples = [] } = document.components.schemas[id] ?? {};
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(schema.safeParse(example).error).toBeUndefined();
  });

  test('every parameter says what it is', () => {
    const silent = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.values(operations).flatMap(({ parameters = [] }) =>
        parameters
          .filter(
            ({ name, description }) => description === undefined && !path.includes(`{${name}}`),
          )
          .map(({ name }) => `${path} ${name}`),
      ),
    );
    expect(silent).toEqual([]);
  });
}

/** Requests that a GET does not show; the rest answers what some GET does. */
const posts: Readonly<Record<string, unknown>> = {
  createSpans: { spans: [{ name: 'chat' }] },
  tagSpan: 'span and tags',
  learn: undefined,
  assignVariant: { unit: 'task-17' },
};

/** Asks a copy of the database for one document of each kind. */
async function record(databaseFile: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'examples-'));
  const copy = join(folder, 'evolution.db');
  copyFileSync(databaseFile, copy);
  const evolution = await createEvolution({ databaseUrl: `sqlite:${copy}` });
  const api = await createEvolutionAPI(evolution, {
    authorize: () => ['admin'],
    externalLinks: [{ name: 'Jaeger', urlTemplate: 'http://localhost:16686/trace/{traceId}' }],
  });
  const ask = async (path: string, body?: unknown, method = 'GET'): Promise<unknown> => {
    const init = { method, headers: { 'content-type': 'application/json' } };
    const answer = await api.fetch(
      new Request(`http://localhost/api/v1${path}`, {
        ...init,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return JSON.parse((await answer.text()).replaceAll(folder, '.'));
  };
  const first = async (path: string): Promise<Record<string, string>> => {
    const { items, patterns } = (await ask(path)) as Record<string, Record<string, string>[]>;
    return (items ?? patterns)![0]!;
  };
  const run = await first('/executions?limit=1');
  const { trace_id: trace, span_id: span } = await first(
    `/spans?limit=1&execution_id=${run['id']}`,
  );
  const versions = (await ask('/configurations')) as { items: { id: string }[] };
  const there: Record<string, string> = {
    tasks: run['task_id']!,
    executions: run['id']!,
    spans: `${trace}:${span}`,
    traces: trace!,
    rewards: (await first('/rewards?limit=1'))['id']!,
    patterns: (await first('/patterns?limit=1'))['id']!,
    adaptations: (await first('/adaptations'))['id']!,
    experiments: (await first('/experiments'))['id']!,
    configurations: versions.items.at(-1)!.id,
    stats: 'package-agent',
    services: String(((await ask('/services')) as { items: unknown[] }).items[0]),
  };
  const queries: Record<string, string> = {
    listTaggedSpans: '?tags=x',
    listDifferences: '?limit=2',
    compareConfigurations: `?with=${versions.items[0]!.id}`,
    listCandidates: '?kinds=config',
    getMetrics: '?group_by=agent_id',
    getTrace: '',
  };
  const recorded: Record<string, unknown> = {};
  for (const route of routes) {
    const [[status, schema] = []] = Object.entries(route.answers);
    if (status === undefined || schema === undefined || recorded[idOf(schema)]) continue;
    if (z.globalRegistry.get(schema)?.examples !== undefined) continue;
    if (route.method !== 'get' && !(route.id in posts)) continue;
    const path = route.path.replace(/\{\w+\}/, () =>
      encodeURIComponent(there[route.path.split('/')[1]!]!),
    );
    const body =
      route.id === 'tagSpan' ? { trace_id: trace, span_id: span, tags: ['seen'] } : posts[route.id];
    const answer = await ask(path + (queries[route.id] ?? ''), body, route.method.toUpperCase());
    recorded[idOf(schema)] = shortened(answer);
  }
  await evolution.close();
  const sorted = Object.entries(recorded).sort(([x], [y]) => (x < y ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
}

/** Lists of two. */
function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 2).map(shortened);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shortened(part)]));
}
