import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { StoreUnavailableError } from '../../src/errors';
import { defaultOtlpLimits, OtlpDecodeError } from '../../src/otlp';
import { IntakeThread } from '../../src/runtime/intake-thread';
import { openStore, type OpenedStore } from '../../src/store';
import { writeDyingWorker } from '../support/dying-worker';
import { bundleCli, type CliBundle } from '../support/server-process';

const traces = { signal: 'traces', encoding: 'json' } as const;
const logs = { signal: 'logs', encoding: 'json' } as const;

let cli: CliBundle;
let store: OpenedStore;
const threads: IntakeThread[] = [];
let lost: Error[];

beforeAll(async () => {
  cli = await bundleCli();
});
afterAll(() => cli.remove());
beforeEach(async () => {
  lost = [];
  store = await openStore('sqlite::memory:');
});
afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.close()));
  await store.close();
});

async function startThread(worker: URL = moduleUrl('intake-worker.mjs')): Promise<IntakeThread> {
  const policy = { captureContent: false, contentKey: await store.contentKey() };
  const settings = { policy, prices: {}, limits: defaultOtlpLimits, redact: null };
  const thread = new IntakeThread(worker, store, settings, (error) => lost.push(error));
  threads.push(thread);
  return thread;
}

function moduleUrl(name: string): URL {
  return pathToFileURL(join(dirname(cli.path), name));
}

function body(key: 'resourceSpans' | 'resourceLogs', records: readonly object[]): Uint8Array {
  const scopes =
    key === 'resourceSpans'
      ? { scopeSpans: [{ spans: records }] }
      : { scopeLogs: [{ logRecords: records }] };
  return Buffer.from(JSON.stringify({ [key]: [scopes] }));
}

function span(digit: string, more: object = {}): object {
  return {
    traceId: digit.repeat(32),
    spanId: digit.repeat(16),
    name: 'chat',
    startTimeUnixNano: '1800000000000000000',
    endTimeUnixNano: '1800000001000000000',
    attributes: [
      { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
      { key: 'gen_ai.input.messages', value: { stringValue: 'my secret' } },
    ],
    ...more,
  };
}

it('stores what the thread has understood and redacted; refused records keep their places', async () => {
  const { intake } = await startThread();
  const sent = body('resourceSpans', [span('a'), span('b', { spanId: '' }), span('c')]);
  const { result, positions, refused } = await intake(sent, traces);
  expect(result).toEqual({ accepted: 2, duplicates: 0, refused: [] });
  expect(positions).toEqual([0, 2]);
  expect(refused).toEqual([
    { index: 1, reason: expect.stringContaining('id is missing') as string },
  ]);
  const [stored] = await store.getTrace('a'.repeat(32));
  expect(stored).toMatchObject({ role: 'llm', name: 'chat' });
  expect(JSON.stringify(stored!.attributes)).not.toContain('my secret');
});

it('gives each of the requests under way its own answer', async () => {
  const { intake } = await startThread();
  const digits = ['1', '2', '3', '4'];
  const results = await Promise.all(
    digits.map((_, more) => {
      const spans = digits
        .slice(0, more + 1)
        .map((digit) => span(digit, { spanId: `${more}${digit}`.repeat(8) }));
      return intake(body('resourceSpans', spans), traces);
    }),
  );
  expect(results.map(({ result }) => result.accepted)).toEqual([1, 2, 3, 4]);
  expect((await store.getTotals()).spans).toBe(10);
});

it('says nothing of a thread that was closed', async () => {
  const thread = await startThread();
  await thread.intake(body('resourceSpans', [span('a')]), traces);
  await thread.close();
  expect(lost).toEqual([]);
});

it('reads rewards from log records and says which were refused', async () => {
  const { intake } = await startThread();
  const evaluation = (target: object): object => ({
    eventName: 'gen_ai.evaluation.result',
    ...target,
    timeUnixNano: '1800000002000000000',
    attributes: [
      { key: 'gen_ai.evaluation.name', value: { stringValue: 'correct' } },
      { key: 'gen_ai.evaluation.score.value', value: { doubleValue: 0.5 } },
    ],
  });
  const target = { traceId: 'a'.repeat(32), spanId: 'a'.repeat(16) };
  const { result } = await intake(body('resourceLogs', [evaluation({}), evaluation(target)]), logs);
  expect(result.accepted).toBe(1);
  expect(result.refused).toMatchObject([{ part: 'logs', index: 0 }]);
});

it('tells a body that is no request from a thread that has died', async () => {
  const { intake } = await startThread();
  await expect(intake(Buffer.from('{'), traces)).rejects.toThrow(OtlpDecodeError);
  expect((await intake(body('resourceSpans', [span('a')]), traces)).result.accepted).toBe(1);
});

it('refuses for a while what a dying thread had, and starts another', async () => {
  const dying = await writeDyingWorker(fileURLToPath(moduleUrl('intake-worker.mjs')));
  const { intake } = await startThread(dying);
  const sent = body('resourceSpans', [span('a')]);
  await expect(intake(sent, traces)).rejects.toThrow(StoreUnavailableError);
  expect(lost).toHaveLength(1);
  expect((await intake(sent, traces)).result.accepted).toBe(1);
});
