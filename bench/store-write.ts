/**
 * Write ceiling of the store alone: interpreted spans of about 1 kB with 18 attributes, 10 spans a trace
 * under random ids, 120 spans a call, 4 callers. Prints JSON.
 *
 *     node -r esbuild-register bench/store-write.ts [databaseUrl] [spans] [sqliteDriver]
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { InterpretedSpan, Resource, Scope } from '../src/model/span';
import { openStore, type StoreOptions } from '../src/store';
import { makeMeaning } from '../test/support/make-meaning';

const spansPerCall = 120;
const callers = 4;

async function main(
  databaseUrl: string | undefined,
  total: number,
  sqliteDriver: StoreOptions['sqliteDriver'],
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'store-write-'));
  const store = await openStore(databaseUrl ?? `sqlite:${join(folder, 'bench.db')}`, {
    sqliteDriver,
  });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let made = 0;
  let writing = 0;
  let written = 0;
  const rates: number[] = [];
  const windowSpans = Math.max(total / 10, 24_000);
  let windowStart = performance.now();
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  delay.enable();
  const caller = async (): Promise<void> => {
    while (made < total) {
      const at = performance.now();
      const spans = makeSpans(made);
      made += spansPerCall;
      writing += performance.now() - at;
      const { accepted } = await store.write({ spans, rewards: [] });
      written += accepted;
      if (written % windowSpans < spansPerCall) {
        rates.push(Math.round((windowSpans / (performance.now() - windowStart)) * 1_000));
        windowStart = performance.now();
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const acknowledgedMillis = performance.now() - started;
  const { executions } = await store.getTotals();
  const foldedMillis = performance.now() - started;
  const cpu = process.cpuUsage(cpuBefore);
  await store.close();
  rmSync(folder, { recursive: true });
  const perSecond = (millis: number): number => Math.round((written / millis) * 1_000);
  console.log(
    JSON.stringify({
      spans: written,
      executions,
      driver: store.driver,
      acknowledged_per_second: perSecond(acknowledgedMillis),
      folded_per_second: perSecond(foldedMillis),
      windows_per_second: rates,
      generator_share: Number((writing / acknowledgedMillis).toFixed(3)),
      cpu_micros_per_span: Number(((cpu.user + cpu.system) / written).toFixed(1)),
      event_loop_delay_ms: { p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6 },
    }),
  );
}

const resource: Resource = {
  attributes: { 'service.name': 'bench', 'telemetry.sdk.language': 'nodejs' },
  droppedAttributesCount: 0,
  schemaUrl: null,
};
const scope: Scope = {
  name: 'bench',
  version: '1',
  attributes: {},
  droppedAttributesCount: 0,
  schemaUrl: null,
};

function makeSpans(from: number): InterpretedSpan[] {
  const spans: InterpretedSpan[] = [];
  for (let trace = 0; trace < spansPerCall / 10; trace += 1) {
    const traceId = randomBytes(16).toString('hex');
    const rootId = randomBytes(8).toString('hex');
    for (let index = 0; index < 10; index += 1) {
      spans.push(makeSpan(traceId, rootId, index, BigInt(from + trace * 10 + index)));
    }
  }
  return spans;
}

function makeSpan(traceId: string, rootId: string, index: number, number: bigint): InterpretedSpan {
  const role = index === 0 ? 'agent' : index % 2 === 0 ? 'llm' : 'tool';
  const attributes = Object.create(null) as Record<string, string | number>;
  for (let key = 0; key < 18; key += 1) {
    attributes[`gen_ai.attribute.number_${key}`] =
      key % 4 === 0 ? key * 1_000 : `a value of some thirty letters ${key}`;
  }
  const start = 1_700_000_000_000_000_000n + number * 1_000_000n;
  return {
    span: {
      traceId,
      spanId: index === 0 ? rootId : randomBytes(8).toString('hex'),
      parentSpanId: index === 0 ? null : rootId,
      traceState: null,
      flags: 257,
      name: `${role} ${index}`,
      kind: 3,
      startTimeUnixNano: start,
      endTimeUnixNano: start + 500_000n,
      status: { code: 0, message: null },
      attributes,
      events: [],
      links: [],
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
      resource,
      scope,
    },
    meaning: makeMeaning({
      role,
      agent: { id: 'bench-agent', name: 'bench', version: '1', type: null },
      model: role === 'llm' ? 'gpt-4o' : null,
      tool: role === 'tool' ? 'search' : null,
      inputTokens: role === 'llm' ? 100 : null,
      outputTokens: role === 'llm' ? 20 : null,
    }),
  };
}

const [databaseUrl, total, driver] = process.argv.slice(2);
void main(
  databaseUrl || undefined,
  Number(total ?? 120_000),
  driver as StoreOptions['sqliteDriver'],
);
