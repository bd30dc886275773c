import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trace } from '@opentelemetry/api';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import {
  createEvolution,
  EvolutionExporter,
  EvolutionSpanProcessor,
  openStore,
  type RedactionHook,
  type SpanRecord,
} from '../../src/index';
import { encodeTracesJson } from '../../src/otlp';
import { importFiles, serve } from '../../src/runtime';
import { attributes, makeSpan } from '../support/make-span';
import { newDatabaseFile } from '../support/stored-bytes';

const canary = 'Zanzibar-0171';

/** What a user writes: every text of the span, wherever it stands. */
const hide: RedactionHook = (span) =>
  JSON.parse(
    JSON.stringify(span, (_, value: unknown) =>
      typeof value === 'bigint' ? { nanos: String(value) } : value,
    ).replaceAll(canary, '[phone]'),
    (_, value: unknown) => {
      const { nanos } = (value ?? {}) as { nanos?: string };
      return nanos === undefined ? value : BigInt(nanos);
    },
  ) as SpanRecord;

const everywhere = makeSpan({
  name: `call ${canary}`,
  traceState: `v=${canary}`,
  status: { code: 2, message: `no answer from ${canary}` },
  attributes: attributes({
    'gen_ai.operation.name': 'chat',
    'gen_ai.input.messages': `call ${canary}`,
    'task.id': `task-${canary}`,
    'agent.config': `{"phone":"${canary}"}`,
    'evolution.tags': [canary],
    [`phone.${canary}`]: { map: attributes({ deep: [canary] }) },
  }),
  events: [
    {
      name: canary,
      timeUnixNano: 1n,
      attributes: attributes({ 'exception.message': canary }),
      droppedAttributesCount: 0,
    },
  ],
  resource: {
    attributes: attributes({ 'service.name': canary }),
    droppedAttributesCount: 0,
    schemaUrl: canary,
  },
  scope: {
    name: canary,
    version: canary,
    attributes: attributes({}),
    droppedAttributesCount: 0,
    schemaUrl: null,
  },
});

type Entrance = (url: string, redact: RedactionHook | string) => Promise<void>;

async function throughProvider(
  make: (url: string) => EvolutionSpanProcessor | BatchSpanProcessor,
  url: string,
): Promise<void> {
  const provider = new NodeTracerProvider({ spanProcessors: [make(url)] });
  const span = provider.getTracer('t').startSpan(`call ${canary}`, {
    attributes: { 'input.value': canary, 'task.id': canary },
  });
  span.recordException(new Error(`no answer from ${canary}`));
  span.end();
  await provider.shutdown();
  trace.disable();
}

const entrances: Readonly<Record<string, Entrance>> = {
  'the span processor': (url, redact) =>
    throughProvider(
      (databaseUrl) => new EvolutionSpanProcessor({ databaseUrl, redact, captureContent: true }),
      url,
    ),
  'the exporter': (url, redact) =>
    throughProvider(
      (databaseUrl) =>
        new BatchSpanProcessor(
          new EvolutionExporter({ databaseUrl, redact, captureContent: true }),
        ),
      url,
    ),
  'spans by hand': async (databaseUrl, redact) => {
    const evolution = await createEvolution({ databaseUrl, redact, captureContent: true });
    await evolution.store.recordSpan(everywhere);
    await evolution.close();
  },
  'OTLP over HTTP': async (databaseUrl, redact) => {
    const service = await serve({ databaseUrl, redact, captureContent: true, port: 0, log() {} });
    const response = await fetch(`${service.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(encodeTracesJson([everywhere])),
    });
    expect(response.status).toBe(200);
    await service.close();
  },
  'an import': async (databaseUrl, redact) => {
    const file = join(mkdtempSync(join(tmpdir(), 'evolution-')), 'spans.json');
    writeFileSync(file, JSON.stringify(encodeTracesJson([everywhere])));
    const evolution = await createEvolution({ databaseUrl, redact, captureContent: true });
    await importFiles(evolution, { files: [file], stdin: process.stdin, format: 'auto' });
    await evolution.close();
  },
};

async function storedSpans(url: string): Promise<readonly SpanRecord[]> {
  const store = await openStore(url);
  const { items } = await store.querySpans({});
  await store.close();
  return items;
}

describe.each(Object.entries(entrances))('the redaction hook, %s', (_, enter) => {
  test('sees everything before it is stored', async () => {
    const database = newDatabaseFile();
    const { url } = database;
    await enter(url, hide);
    expect(database.stored()).not.toContain(canary);
    expect(database.stored()).toContain('[phone]');
    expect(await storedSpans(url)).toHaveLength(1);
  });

  test('that throws costs the span what it said, and nothing else', async () => {
    const database = newDatabaseFile();
    const { url } = database;
    await enter(url, () => {
      throw new Error(`cannot read ${canary}`);
    });
    expect(database.stored()).not.toContain(canary);
    const [span] = await storedSpans(url);
    expect(span).toMatchObject({
      name: '[redaction failed]',
      attributes: { 'evolution.redaction_failed': true },
      events: [],
    });
    expect(span?.droppedAttributesCount).toBeGreaterThanOrEqual(2);
  });
});

describe('a hook that is no hook', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a promise', Promise.resolve(everywhere)],
    ['another span', makeSpan({ spanId: '1'.repeat(16) })],
    ['no attributes', { ...everywhere, attributes: undefined }],
    ['an attribute that is no value', { ...everywhere, attributes: { a: { b: 1 } } }],
    ['a bigint', { ...everywhere, attributes: { a: 1n } }],
    ['times that are numbers', { ...everywhere, startTimeUnixNano: 1 }],
  ])('returning %s counts as failed', async (_name, returned) => {
    const database = newDatabaseFile();
    const { url } = database;
    const evolution = await createEvolution({
      databaseUrl: url,
      captureContent: true,
      redact: (() => returned) as unknown as RedactionHook,
    });
    const good = await evolution.store.recordSpan(everywhere);
    await evolution.close();
    expect(good.refused).toEqual([]);
    expect(database.stored()).not.toContain(canary);
  });

  test('a module exports it by default', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'evolution-')), 'redact.cjs');
    writeFileSync(path, `module.exports = (span) => ({ ...span, name: 'hidden' });`);
    const { url } = newDatabaseFile();
    const evolution = await createEvolution({ databaseUrl: url, redact: path });
    await evolution.store.recordSpan(everywhere);
    expect((await evolution.store.querySpans({})).items[0]?.name).toBe('hidden');
    await evolution.close();
  });

  test('a module that is not there, or exports no function, is a clear error', async () => {
    const { url } = newDatabaseFile();
    await expect(createEvolution({ databaseUrl: url, redact: './none.mjs' })).rejects.toThrow(
      'redact: the module ./none.mjs cannot be loaded.',
    );
    const path = join(mkdtempSync(join(tmpdir(), 'evolution-')), 'empty.cjs');
    writeFileSync(path, 'module.exports = {};');
    await expect(createEvolution({ databaseUrl: url, redact: path })).rejects.toThrow(
      'exports no function',
    );
  });
});
