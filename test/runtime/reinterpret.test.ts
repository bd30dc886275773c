import { knex, type Knex } from 'knex';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigurationOptions } from '../../src/model/configuration';
import { createEvolution } from '../../src/runtime';
import { reinterpretStore } from '../../src/runtime/reinterpret';
import { attributes, makeSpan, spanId, traceId } from '../support/make-span';
import { newDatabaseFile } from '../support/stored-bytes';
import { runCli } from '../support/run-cli';

const start = 1_700_000_000_000_000_000n;

/** An agent's run with one LLM call that holds a prompt. */
function run(number: number) {
  const common = {
    traceId: traceId(number),
    startTimeUnixNano: start + BigInt(number),
    endTimeUnixNano: start + BigInt(number) + 10n,
  };
  return [
    makeSpan({
      ...common,
      spanId: spanId(1),
      name: 'invoke_agent helper',
      attributes: attributes({
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.input.messages': `the root's prompt ${number}`,
        'task.id': `task-${number}`,
        'task.input': `the task's secret wish ${number}`,
      }),
    }),
    makeSpan({
      ...common,
      spanId: spanId(2),
      parentSpanId: spanId(1),
      name: 'chat gpt-x',
      attributes: attributes({
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-x',
        'gen_ai.usage.input_tokens': 1_000,
        'gen_ai.usage.output_tokens': 100,
        'gen_ai.output.messages': `the model's answer ${number}`,
      }),
      events: [
        {
          name: 'gen_ai.content.prompt',
          timeUnixNano: start,
          attributes: attributes({ 'gen_ai.prompt': 'an event with a prompt' }),
          droppedAttributesCount: 0,
        },
      ],
    }),
  ];
}

const urls: Readonly<Record<string, () => string>> = {
  sqlite: () => `sqlite:${join(mkdtempSync(join(tmpdir(), 'evolution-reinterpret-')), 'a.db')}`,
  postgres: () => {
    const url = new URL(process.env.TEST_PG_URL!);
    const schema = `reinterpret_${process.pid}_${schemas.length}`;
    schemas.push(schema);
    url.searchParams.set('schema', schema);
    return url.href;
  },
};
const schemas: string[] = [];

afterAll(async () => {
  if (schemas.length === 0) return;
  const admin: Knex = knex({ client: 'pg', connection: process.env.TEST_PG_URL! });
  for (const schema of schemas) await admin.raw('DROP SCHEMA IF EXISTS ?? CASCADE', [schema]);
  await admin.destroy();
});

async function record(options: ConfigurationOptions, runs: number): Promise<void> {
  const evolution = await createEvolution(options);
  const spans = Array.from({ length: runs }, (_, index) => run(index + 1)).flat();
  await evolution.store.recordSpanBatch(spans);
  await evolution.store.createTask({ id: 'by-hand', input: 'a wish by hand' });
  await evolution.store.closeExecutions({ nowUnixNano: start * 2n, rule: 'ended' });
  await evolution.close();
}

async function read<T>(
  options: ConfigurationOptions,
  work: (store: Awaited<ReturnType<typeof createEvolution>>['store']) => Promise<T>,
): Promise<T> {
  const evolution = await createEvolution(options);
  try {
    return await work(evolution.store);
  } finally {
    await evolution.close();
  }
}

describe.each(['sqlite', 'postgres'])('reinterpret on %s', (dialect) => {
  test('prices of today reach spans, executions and tasks; frozen records keep their version', async () => {
    const databaseUrl = urls[dialect]!();
    await record({ databaseUrl }, 3);
    expect(await read({ databaseUrl }, (store) => store.getExecution(traceId(1)))).toMatchObject({
      costUsd: null,
    });
    const frozen = await read({ databaseUrl }, (store) => store.readFrozen(0, 10));
    const prices = {
      'gpt-x': { inputUsdPerMillionTokens: 2, outputUsdPerMillionTokens: 10 },
    };
    const options = { databaseUrl, prices };
    expect(await reinterpretStore(options, {})).toEqual({
      version: 2,
      spans: 6,
      changed: 3,
      resumed: false,
      finished: true,
    });
    await read(options, async (store) => {
      expect(await store.getExecution(traceId(1))).toMatchObject({ costUsd: 0.003, spans: 2 });
      const [, call] = await store.getTrace(traceId(2));
      expect(call).toMatchObject({ costUsd: 0.003, model: 'gpt-x' });
      expect(await store.readFrozen(0, 10)).toEqual(frozen);
      expect(frozen.executions[0]).toMatchObject({ meaningVersion: 1, costUsd: null });
      // A new span is read by the new version, and the same file again changes nothing.
      const again = await store.recordSpanBatch(run(1));
      expect(again).toMatchObject({ accepted: 2, duplicates: 2 });
    });
    expect(await reinterpretStore(options, {})).toMatchObject({ version: 3, changed: 0 });
  });

  test('a run that is stopped goes on where it was, under the same version', async () => {
    const databaseUrl = urls[dialect]!();
    await record({ databaseUrl }, 400);
    const prices = { 'gpt-x': { inputUsdPerMillionTokens: 2, outputUsdPerMillionTokens: 0 } };
    const stop = new AbortController();
    const first = await reinterpretStore(
      { databaseUrl, prices },
      { signal: stop.signal, onProgress: () => stop.abort() },
    );
    expect(first).toMatchObject({ version: 2, spans: 300, resumed: false, finished: false });
    const second = await reinterpretStore({ databaseUrl, prices }, {});
    expect(second).toMatchObject({ version: 2, spans: 500, resumed: true, finished: true });
    const costs = await read({ databaseUrl }, (store) => store.listExecutions({ limit: 1_000 }));
    expect(costs.items.map(({ costUsd }) => costUsd)).toEqual(Array(400).fill(0.002));
  });

  test('content that was captured once is gone with --redact while capture is off', async () => {
    const databaseUrl = urls[dialect]!();
    await record({ databaseUrl, captureContent: true }, 2);
    const before = await read({ databaseUrl }, (store) => store.getTask('task-1'));
    expect(before).toMatchObject({ input: "the task's secret wish 1" });
    // Without it content stays.
    await reinterpretStore({ databaseUrl }, {});
    expect((await read({ databaseUrl }, (store) => store.getTask('task-1')))?.input).toBe(
      before!.input,
    );
    expect(await reinterpretStore({ databaseUrl }, { redact: true })).toMatchObject({ changed: 4 });
    await read({ databaseUrl }, async (store) => {
      const found = JSON.stringify(
        [
          await store.getTrace(traceId(1)),
          await store.listTasks({}),
          await store.listExecutions({}),
          await store.readFrozen(0, 10),
        ],
        (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
      );
      expect(found).not.toMatch(/prompt \d|wish|answer \d|with a prompt/);
      const [, call] = await store.getTrace(traceId(1));
      expect(call?.attributes).toMatchObject({ 'gen_ai.output.messages.length': 20 });
      expect(await store.getTask('task-1')).toMatchObject({ executions: 1, input: null });
      // What was sent is known by its hash: the same with content is no new version.
      expect(await store.recordSpanBatch(run(1))).toMatchObject({ duplicates: 2 });
      expect((await store.getTrace(traceId(1)))[1]).toEqual(call);
    });
  });
});

test('on the command line; the file itself holds the content no more once it is pruned', async () => {
  const file = newDatabaseFile();
  const { url } = file;
  await record({ databaseUrl: url, captureContent: true }, 2);
  expect(file.stored()).toContain('secret wish');
  const { code, out } = await runCli(['reinterpret', '--redact', '--db', url, '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    spans: 4,
    changed: 4,
    meaning_version: 2,
    finished: true,
  });
  expect((await runCli(['prune', '--older-than', '2000-01-01', '--db', url])).code).toBe(0);
  expect(file.stored()).not.toMatch(/secret wish|answer \d|with a prompt|by hand/);
  const text = await runCli(['reinterpret', '--db', url]);
  expect(text.out).toBe('4 spans read again; 0 changed; meaning version 3\n');
});
