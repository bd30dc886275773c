import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../src/errors';
import type { EvolutionStore } from '../../src/model/ports';
import type { InterpretedSpan } from '../../src/model/span';
import { attributes, spanId, testResource, traceId } from '../support/make-span';
import { makeReward } from './make-reward';
import { createHarness, interpreted, type StoreHarness } from './contract/harness';
import { withoutWalks } from './statement-plans';

const day = 86_400_000_000_000n;
const start = 1_700_000_000_000_000_000n;

interface RunOptions {
  readonly trace?: number;
  readonly spans?: number;
  readonly at?: bigint;
  readonly taskId?: string;
  readonly executionId?: string;
  readonly sessionId?: string;
  readonly tag?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly pad?: number;
}

/** One run in one trace: a root and LLM calls. */
function run(number: number, options: RunOptions = {}): InterpretedSpan[] {
  const { spans = 2, at = start + BigInt(number) * day, taskId = `t${number}`, pad = 0 } = options;
  return Array.from({ length: spans }, (_, index) =>
    interpreted(
      {
        traceId: traceId(options.trace ?? number),
        spanId: spanId(index + 1),
        parentSpanId: index === 0 ? null : spanId(1),
        startTimeUnixNano: at + BigInt(index),
        endTimeUnixNano: at + 1_000n,
        attributes: attributes({ ...options.attributes, pad: 'x'.repeat(pad) }),
      },
      {
        role: index === 0 ? 'agent' : 'llm',
        model: index === 0 ? null : 'm',
        taskId,
        executionId: options.executionId ?? null,
        sessionId: options.sessionId ?? null,
        inputTokens: index === 0 ? null : 5,
        costUsd: index === 0 ? null : 0.5,
        tags: options.tag === undefined ? [] : [options.tag],
        agent: { id: 'a', name: null, version: null, type: null },
      },
    ),
  );
}

async function fill(
  store: EvolutionStore,
  runs: readonly (readonly InterpretedSpan[])[],
): Promise<void> {
  await store.write({ spans: runs.flat(), rewards: [] });
  await store.closeExecutions({ nowUnixNano: 4_000_000_000_000_000_000n, rule: 'ended' });
}

describe.each(['sqlite', 'postgres'] as const)('removal on %s', (dialect) => {
  const harness = createHarness(dialect);
  afterAll(() => harness.dispose());

  withoutWalks(dialect, () => {
    retentionContract(harness);
    wholeContract(harness);
    sharedRowsContract(harness);
  });
});

function retentionContract(harness: StoreHarness): void {
  it('removes by age the spans, and what was summed up of them stays as it was', async () => {
    const store = await harness.open();
    await fill(store, [run(1), run(2), run(3)]);
    await store.recordReward(makeReward({ target: { kind: 'trace', traceId: traceId(1) } }));
    const executions = await store.listExecutions({});
    const frozen = await store.readFrozen(0, 10);
    const hours = await store.readHourly({});
    const olderThanUnixNano = start + 3n * day;
    const counted = { traces: 2, spans: 4, executions: 0 };
    expect(await store.remove({ olderThanUnixNano, dryRun: true })).toEqual(counted);
    expect(await store.getTotals()).toMatchObject({ spans: 6 });
    expect(await store.remove({ olderThanUnixNano })).toEqual(counted);
    expect(await store.remove({ olderThanUnixNano })).toEqual({
      traces: 0,
      spans: 0,
      executions: 0,
    });
    expect(await store.getTotals()).toMatchObject({ spans: 2, executions: 3, rewards: 1 });
    expect(await store.getTrace(traceId(1))).toEqual([]);
    expect(await store.listExecutions({})).toEqual(executions);
    expect(await store.readFrozen(0, 10)).toEqual(frozen);
    expect(await store.readHourly({})).toEqual(hours);
  });

  it('an execution that retention took spans of keeps what they said when something new comes', async () => {
    const store = await harness.open();
    const both = { taskId: 't', executionId: 'e' };
    await fill(store, [run(1, both), run(5, both)]);
    await store.remove({ olderThanUnixNano: start + 3n * day });
    const before = (await store.getExecution('e'))!;
    expect(before).toMatchObject({ spans: 4, inputTokens: 10 });
    // A better version of a stored span makes its execution anew.
    const [root] = run(5, both);
    const later = { ...root!.span, endTimeUnixNano: root!.span.endTimeUnixNano! + 5n };
    await store.write({ spans: [{ ...root!, span: later }], rewards: [] });
    await store.recordReward(makeReward({ target: { kind: 'execution', executionId: 'e' } }));
    expect(await store.getExecution('e')).toMatchObject({ spans: 4, inputTokens: 10, costUsd: 1 });
  });

  it('what is not closed keeps its spans whatever its age', async () => {
    const store = await harness.open();
    await store.write({ spans: run(1), rewards: [] });
    const removed = await store.remove({ olderThanUnixNano: start + 99n * day });
    expect(removed).toEqual({ traces: 0, spans: 0, executions: 0 });
    await store.closeExecutions({ nowUnixNano: 4_000_000_000_000_000_000n, rule: 'ended' });
    expect((await store.readFrozen(0, 1)).executions[0]?.steps).toHaveLength(2);
    expect(await store.remove({ olderThanUnixNano: start + 99n * day })).toMatchObject({
      traces: 1,
    });
  });

  it('a start that no clock can have meant counts by when it came', async () => {
    const received = 1_750_000_000_000_000_000n;
    const store = await harness.open({ clock: { nowUnixNano: () => received } });
    await fill(store, [run(1, { at: 0n }), run(2, { at: 2n ** 64n - 5_000n }), run(3)]);
    expect(await store.remove({ olderThanUnixNano: received })).toMatchObject({ traces: 1 });
    expect(await store.getTotals()).toMatchObject({ spans: 4 });
    expect(await store.remove({ olderThanUnixNano: received + 1n })).toMatchObject({ traces: 2 });
  });

  it('a long trace goes in parts, and can be stopped between them', async () => {
    const store = await harness.open();
    await fill(store, [run(1, { spans: 4_500 }), run(2)]);
    const stop = new AbortController();
    const heard: number[] = [];
    const first = await store.remove({
      maxBytes: 0,
      onProgress: ({ spans }) => {
        heard.push(spans);
        stop.abort();
      },
      signal: stop.signal,
    });
    expect(first).toEqual({ traces: 0, spans: 2_000, executions: 0 });
    expect(heard).toEqual([2_000]);
    expect(await store.remove({ maxBytes: 0 })).toEqual({ traces: 2, spans: 2_502, executions: 0 });
    expect(await store.getTotals()).toMatchObject({ spans: 0, executions: 2, tasks: 2 });
    expect(await store.getExecution(traceId(1))).toMatchObject({ spans: 4_500 });
  });

  it('removes by size what came first, and gives the space back', async () => {
    const url =
      harness.dialect === 'sqlite'
        ? `sqlite:${join(mkdtempSync(join(tmpdir(), 'otel-evolution-size-')), 'a.db')}`
        : harness.newUrl();
    const store = await harness.openAt(url);
    for (let from = 1; from <= 201; from += 100) {
      const numbers = Array.from({ length: 100 }, (_, index) => from + index);
      // The later they came, the earlier they say they started: clocks do not matter.
      await fill(
        store,
        numbers.map((number) =>
          run(number, { spans: 10, pad: 200, at: start - BigInt(number) * 1_000_000n }),
        ),
      );
    }
    const before = await store.measure();
    const maxBytes = Math.round(before.used * 0.75);
    const estimate = await store.remove({ maxBytes, dryRun: true });
    expect(estimate.spans).toBeGreaterThan(500);
    expect(estimate.spans).toBeLessThan(2_000);
    const removed = await store.remove({ maxBytes });
    expect(removed.traces).toBeGreaterThan(25);
    expect(await store.getTrace(traceId(1))).toEqual([]);
    expect(await store.getTrace(traceId(300))).toHaveLength(10);
    const { how, after } = await store.reclaim();
    expect(after.used).toBeLessThanOrEqual(maxBytes);
    if (harness.dialect === 'postgres') {
      expect(how).toBe('kept');
      return;
    }
    expect(how).toBe('pages');
    const file = url.slice('sqlite:'.length);
    const copy = `${file}.copy`;
    await store.backup(copy);
    expect(statSync(file).size).toBe(after.total);
    expect(statSync(file).size / statSync(copy).size).toBeLessThan(1.1);
  }, 60_000);

  it('refuses to remove without, or with two, reasons', async () => {
    const store = await harness.open();
    await expect(store.remove({})).rejects.toThrow(InputError);
    await expect(store.remove({ taskId: 't', userId: 'u' })).rejects.toThrow(InputError);
    await expect(store.remove({ maxBytes: -1 })).rejects.toThrow('whole bytes');
  });
}

/** The store's totals, and the rows of the tables. */
async function totalsAndRows(harness: StoreHarness, store: EvolutionStore, url: string) {
  const connection = await harness.connect(url);
  const rows = async (table: string): Promise<number> => {
    const [row] = await connection(table).count<{ n: number | string }[]>({ n: '*' });
    return Number(row!.n);
  };
  const frozen = await connection<{ outcome: string }>('frozen').select('outcome');
  return {
    totals: {
      ...(await store.getTotals()),
      closed: await store.countClosedExecutions(),
      judged: await store.countClosedExecutions({ judged: true }),
    },
    rows: {
      closed: frozen.length,
      judged: frozen.filter(({ outcome }) => outcome !== '{}').length,
      tasks: await rows('tasks'),
      executions: await rows('executions'),
      spans: await rows('spans'),
      links: await rows('span_links'),
      rewards: await rows('rewards'),
      tags: await rows('tags'),
    },
  };
}

function wholeContract(harness: StoreHarness): void {
  it('totals are the rows that are there, without counting them: new, sent again, replaced, removed', async () => {
    const url = harness.newUrl();
    const store = await harness.openAt(url);
    const other = await harness.openAt(url);
    const check = async () => {
      const { totals, rows } = await totalsAndRows(harness, store, url);
      expect(totals).toEqual(rows);
      return totals;
    };
    expect(await check()).toMatchObject({ tasks: 0, spans: 0 });
    const runs = Array.from({ length: 20 }, (_, n) => run(n + 1, { tag: `tag ${n % 3}` }));
    await Promise.all(
      runs.map((spans, n) => (n % 2 === 0 ? store : other).write({ spans, rewards: [] })),
    );
    await store.write({ spans: runs[0]!, rewards: [] });
    const [root] = runs[1]!;
    const longer = { ...root!.span, endTimeUnixNano: root!.span.endTimeUnixNano! + 5n };
    await store.write({ spans: [{ ...root!, span: longer }], rewards: [] });
    await other.createTask({ id: 'by hand', input: 'x', tags: ['mine'] });
    await other.recordReward(makeReward({ target: { kind: 'task', taskId: 't1' } }));
    expect(await check()).toMatchObject({ tasks: 21, executions: 20, spans: 40, rewards: 1 });
    await store.closeExecutions({ nowUnixNano: 4_000_000_000_000_000_000n, rule: 'ended' });
    expect(await check()).toMatchObject({ closed: 20, judged: 1 });
    await other.recordReward(makeReward({ id: 'late', target: { kind: 'task', taskId: 't20' } }));
    expect(await check()).toMatchObject({ closed: 20, judged: 2 });
    await store.remove({ olderThanUnixNano: start + 10n * day });
    expect((await check()).spans).toBeLessThan(40);
    await store.remove({ taskId: 't1' });
    await store.remove({ taskId: 't20' });
    expect(await check()).toMatchObject({
      tasks: 19,
      executions: 18,
      rewards: 0,
      closed: 18,
      judged: 0,
    });
  });

  it('removes by task everything that is known of it, and leaves the neighbours', async () => {
    const store = await harness.open();
    await store.createTask({ id: 't1', input: 'said by hand', tags: ['by-hand'] });
    await store.createExecution({ id: 'by-hand', taskId: 't1' });
    await fill(store, [
      run(1, { executionId: 'e1', tag: 'mine' }),
      run(2, { executionId: 'e2' }),
      // The same trace holds another task's run.
      run(3, { trace: 1, taskId: 't3', executionId: 'e3' }).map((one) => ({
        ...one,
        span: { ...one.span, spanId: spanId(70 + Number(one.span.spanId)) },
      })),
    ]);
    const carrier = interpreted(
      { traceId: traceId(9), spanId: spanId(9), name: 'evolution.reward' },
      {
        carrier: true,
        links: [
          {
            target: { kind: 'span', traceId: traceId(1), spanId: spanId(1) },
            type: 'reward_for_operation',
            attributes: {},
            tags: [],
          },
        ],
        rewards: [
          makeReward({
            id: 'r-span',
            target: { kind: 'span', traceId: traceId(1), spanId: spanId(1) },
            feedback: 'quite personal',
          }),
        ],
      },
    );
    await store.write({ spans: [carrier], rewards: [] });
    await store.recordReward(makeReward({ id: 'r-task', target: { kind: 'task', taskId: 't1' } }));
    await store.recordReward(
      makeReward({ id: 'r-run', target: { kind: 'execution', executionId: 'by-hand' } }),
    );
    const neighbours = await store.listExecutions({ taskId: 't2' });
    expect(await store.remove({ taskId: 't1', dryRun: true })).toEqual({
      traces: 1,
      spans: 2,
      executions: 2,
    });
    expect(await store.remove({ taskId: 't1' })).toMatchObject({ executions: 2, spans: 2 });
    expect(await store.getTask('t1')).toBeNull();
    expect(await store.getExecution('by-hand')).toBeNull();
    expect(await store.getExecution('e1')).toBeNull();
    expect((await store.queryRewards({})).items).toEqual([]);
    expect((await store.queryLinks({})).items).toEqual([]);
    expect(await store.getTrace(traceId(9))).toEqual([]);
    expect(await store.getTrace(traceId(1))).toHaveLength(2);
    expect(await store.getExecution('e3')).toMatchObject({ taskId: 't3', spans: 2 });
    expect(await store.listExecutions({ taskId: 't2' })).toEqual(neighbours);
    expect(await store.countClosedExecutions()).toBe(2);
    const hours = await store.readHourly({});
    expect(hours.reduce((sum, { executions }) => sum + executions, 0)).toBe(2);
  });

  it('removes a task that was made by hand and never ran', async () => {
    const store = await harness.open();
    await store.createTask({ id: 't', input: 'secret plan' });
    await store.remove({ taskId: 't' });
    expect(await store.getTask('t')).toBeNull();
  });

  it('removes by session and by user, and no table names them any more', async () => {
    const url = harness.newUrl();
    const store = await harness.openAt(url);
    await store.createTask({ id: 'by-hand', sessionId: 'session-alice', input: 'of alice' });
    const alice = { 'user.id': 'user-alice' };
    const inResource = run(6).map((one) => ({
      ...one,
      span: {
        ...one.span,
        resource: { ...testResource, attributes: attributes({ 'enduser.id': 'user-alice' }) },
      },
    }));
    const stray = interpreted({
      traceId: traceId(7),
      attributes: attributes({ 'langfuse.user.id': 'user-alice' }),
    });
    await fill(store, [
      run(1, { sessionId: 'session-alice', tag: 'session-alice-tag' }),
      run(2, { attributes: alice, tag: 'user-alice-tag' }),
      run(3, { attributes: { userId: 'user-alice' }, pad: 5 }),
      run(4, { attributes: { note: 'user-alice', 'user.id': 'user-bob' } }),
      run(5),
      inResource,
      [stray],
    ]);
    const removed = await store.remove({ sessionId: 'session-alice' });
    expect(removed).toEqual({ traces: 1, spans: 2, executions: 1 });
    expect(await store.getTask('by-hand')).toBeNull();
    expect(await store.remove({ userId: 'user-alice', dryRun: true })).toEqual({
      traces: 4,
      spans: 7,
      executions: 3,
    });
    expect(await store.remove({ userId: 'user-alice' })).toMatchObject({ executions: 3 });
    expect(await store.getTask('t2')).toBeNull();
    // Only what says who the user is counts: this one belongs to somebody else.
    expect(await store.getTask('t4')).not.toBeNull();
    await store.remove({ taskId: 't4' });
    const connection = await harness.connect(url);
    const tables =
      harness.dialect === 'sqlite'
        ? ((await connection('sqlite_master').where({ type: 'table' }).pluck('name')) as string[])
        : ((await connection('pg_tables')
            .where({ schemaname: new URL(url).searchParams.get('schema') })
            .pluck('tablename')) as string[]);
    expect(tables.length).toBeGreaterThan(20);
    for (const table of tables) {
      expect([table, JSON.stringify(await connection(table))]).toEqual([
        table,
        expect.not.stringContaining('alice'),
      ]);
    }
  });

  it('what was said of a run goes with it, also where it is more than a slice', async () => {
    const store = await harness.openAt(harness.newUrl(), { spansPerSlice: 3 });
    const target = { kind: 'span' as const, traceId: traceId(1), spanId: spanId(1) };
    const said = Array.from({ length: 8 }, (_, n) =>
      interpreted(
        { traceId: traceId(n % 2 === 0 ? 1 : 20 + n), spanId: spanId(50 + n) },
        {
          carrier: true,
          links: [{ target, type: 'reward_for_operation', attributes: {}, tags: [] }],
          rewards: [makeReward({ id: `r${n}`, target })],
        },
      ),
    );
    await fill(store, [run(1), said, run(2)]);
    expect(await store.getTotals()).toMatchObject({ spans: 12, links: 8, rewards: 8 });
    await store.remove({ taskId: 't1' });
    expect(await store.getTotals()).toMatchObject({ spans: 2, links: 0, rewards: 0, tasks: 1 });
  });

  it('wherever a removal by user was broken off, the next one leaves nothing that names the user', async () => {
    const resource = { ...testResource, attributes: attributes({ 'enduser.id': 'user-alice' }) };
    for (let dies = 1, ended = false; !ended; dies += 1) {
      const url = harness.newUrl();
      let commits = Infinity;
      const store = await harness.openAt(url, {
        spansPerSlice: 2,
        atCommit: (moment) => {
          if (moment === 'before' && (commits -= 1) < 0) throw new Error('broken off');
        },
      });
      const runs = [run(1), run(2)].flat().map((one) => {
        return { ...one, span: { ...one.span, resource } };
      });
      await fill(store, [runs]);
      commits = dies - 1;
      ended = await store.remove({ userId: 'user-alice' }).then(
        () => true,
        () => false,
      );
      commits = Infinity;
      await store.remove({ userId: 'user-alice' });
      const connection = await harness.connect(url);
      expect(await connection('resources').pluck('body')).toEqual([]);
      expect(await connection('spans')).toEqual([]);
      expect(dies).toBeLessThan(40);
    }
  }, 60_000);

  it('a unit that an experiment drew loses its name and keeps its draw', async () => {
    const url = harness.newUrl();
    const store = await harness.openAt(url);
    await store.write({ spans: run(1), rewards: [] });
    const connection = await harness.connect(url);
    const drawn = (unit: string) => ({
      ...{ experiment_key: 1, unit, variant: 'A', propensities: '{}', bucket: 0.5 },
      assigned_at: 1,
    });
    const experiment = { key: 1, experiment_id: 'e', flag_key: 'f', status: 'running', body: '{}' };
    await connection('experiments').insert(experiment);
    await connection('assignments').insert([drawn('t1'), drawn('t2')]);
    await store.remove({ taskId: 't1' });
    const units = await connection<{ unit: string }>('assignments').orderBy('key').pluck('unit');
    expect(units).toEqual([expect.stringMatching(/^removed:[0-9a-f]{32}$/), 't2']);
  });
}

function sharedRowsContract(harness: StoreHarness): void {
  it('what writers remember of deleted rows is forgotten, in every process', async () => {
    const url = harness.newUrl();
    const first = await harness.openAt(url);
    const other = await harness.openAt(url);
    await fill(first, [run(1, { tag: 'gone' })]);
    await other.write({ spans: run(2, { tag: 'gone', taskId: 't1' }), rewards: [] });
    await first.remove({ taskId: 't1' });
    const connection = await harness.connect(url);
    for (const table of ['spans', 'resources', 'scopes', 'tags']) {
      expect([table, await connection(table)]).toEqual([table, []]);
    }
    await first.write({ spans: run(3, { tag: 'gone' }), rewards: [] });
    await other.write({ spans: run(4, { tag: 'gone' }), rewards: [] });
    for (const number of [3, 4]) {
      const [span] = await first.getTrace(traceId(number));
      expect(span).toMatchObject({ resource: testResource, tags: ['gone'] });
    }
  });

  it('shared rows that are in use stay, also while others write', async () => {
    const store = await harness.open();
    const host = (number: number, name: string) =>
      run(number).map((one) => ({
        ...one,
        span: { ...one.span, resource: { ...testResource, attributes: attributes({ name }) } },
      }));
    await fill(store, [host(1, 'old'), host(2, 'both')]);
    await store.write({ spans: host(40, 'both'), rewards: [] });
    let number = 100;
    let going = true;
    const writing = (async () => {
      while (going) {
        await store.write({ spans: host((number += 1), 'old'), rewards: [] });
      }
    })();
    await store.remove({ olderThanUnixNano: start + 20n * day });
    going = false;
    await writing;
    const [both] = await store.getTrace(traceId(40));
    expect(both?.resource.attributes).toEqual({ name: 'both' });
    for (let at = 101; at <= number; at += 1) {
      const [span] = await store.getTrace(traceId(at));
      expect(span?.resource.attributes).toEqual({ name: 'old' });
    }
  });
}
