import { EvolutionError } from '../../../src/errors';
import type { ClosedExecution } from '../../../src/model/learning';
import type { LedgerEntry, Look, Pattern, PredicateTerm } from '../../../src/model/pattern';
import type { EvolutionStore } from '../../../src/model/ports';
import { attributes, spanId, traceId } from '../../support/make-span';
import { makeReward } from '../make-reward';
import { collect, interpreted, type StoreHarness } from './harness';

const second = 1_000_000_000n;
const base = 1_700_000_000n * second;

/** Closing, cuts, and what the learner remembers. */
export function learningContract(harness: StoreHarness): void {
  let store: EvolutionStore;
  let now = base;
  beforeEach(async () => {
    now = base;
    store = await harness.open({ clock: { nowUnixNano: () => now } });
  });

  const root = (number: number, end: bigint | null, meaning = {}) =>
    interpreted(
      {
        traceId: traceId(number),
        spanId: spanId(1),
        startTimeUnixNano: base + BigInt(number),
        endTimeUnixNano: end,
        attributes: attributes({ 'user.tier': 'gold' }),
      },
      { role: 'agent', executionId: `e${number}`, taskId: `t${number}`, ...meaning },
    );
  const write = (...spans: ReturnType<typeof interpreted>[]) => store.write({ spans, rewards: [] });
  const close = (rule: 'settled' | 'ended', after: bigint) =>
    store.closeExecutions({ nowUnixNano: base + after, rule });
  const closed = async (filter = {}): Promise<ClosedExecution[]> => {
    const all: ClosedExecution[] = [];
    for await (const execution of store.readClosedExecutions(filter)) all.push(execution);
    return all;
  };
  const ids = async (filter = {}) => (await closed(filter)).map((execution) => execution.id);

  it('closes by rule: said, ended and quiet, idle; at the end of an import all that ended', async () => {
    await write(root(1, base + 5n), root(2, null), root(3, null, { status: 'failed' }));
    await store.createTask({ id: 't' });
    await store.createExecution({ id: 'by-hand', taskId: 't', status: 'cancelled' });
    await store.createExecution({ id: 'waiting', taskId: 't' });
    expect(await close('settled', 29n * second)).toBe(2);
    expect(await ids()).toEqual(['by-hand', 'e3']);
    expect(await close('settled', 30n * second)).toBe(1);
    expect(await close('settled', 3_599n * second)).toBe(0);
    expect(await close('settled', 3_600n * second)).toBe(1);
    expect(await store.getExecution('e2')).toMatchObject({ status: 'timed_out', closed: true });
    expect(await store.getTask('t2')).toMatchObject({ status: 'timed_out' });
    expect(await store.getExecution('waiting')).toMatchObject({ status: 'queued', closed: false });
    await write(root(4, base + 5n), root(5, null));
    expect(await close('ended', 0n)).toBe(1);
    expect((await ids()).sort()).toEqual(['by-hand', 'e1', 'e2', 'e3', 'e4']);
  });

  it('closes nothing for want of time at the beginning of time', async () => {
    now = 1n;
    await write(root(1, base + 5n), root(2, null));
    expect(await store.closeExecutions({ nowUnixNano: 5n, rule: 'settled' })).toBe(0);
  });

  it('knows when each version of an agent ran first, whatever came first', async () => {
    const of = (number: number, id: string, version: string | null) =>
      root(number, base + 50n, { agent: { id, name: null, version, type: null } });
    await write(of(5, 'one', '2'), of(3, 'one', '1'), of(4, 'two', '1'), of(6, 'one', null));
    expect(await store.readVersions({})).toEqual([]);
    await close('ended', 7n);
    await write(of(2, 'one', '2'), of(9, 'one', '1'));
    await close('ended', 9n);
    const version = (agentId: string, name: string, at: bigint) => ({
      ...{ agentId, version: name, firstStartUnixNano: base + at },
    });
    const [a, b, c] = [version('two', '1', 4n), version('one', '1', 3n), version('one', '2', 2n)];
    expect(await store.readVersions({})).toEqual([a, b, c]);
    expect(await store.readVersions({ agentId: 'one', sinceUnixNano: base + 3n })).toEqual([b]);
    expect(await store.readVersions({ untilUnixNano: base + 4n })).toEqual([b, c]);
  });

  it('a version for each run filled the table of versions for ever: of an agent the latest 200 are kept', async () => {
    const url = harness.newUrl();
    const own = await harness.openAt(url, { clock: { nowUnixNano: () => now } });
    const versions = async (): Promise<string[]> => {
      const connection = await harness.connect(url);
      return connection('agent_versions').where({ agent_id: 'one' }).pluck('version');
    };
    const runs = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) =>
        root(from + n, base + 5_000n, {
          agent: { id: 'one', name: null, version: `v${from + n}`, type: null },
        }),
      );
    const other = root(9_999, base + 5_000n, {
      agent: { id: 'two', name: null, version: 'old', type: null },
    });
    for (const [from, count] of [[1, 150] as const, [151, 100] as const]) {
      await own.write({ spans: [...runs(from, count), other], rewards: [] });
      await own.closeExecutions({ nowUnixNano: base + 10_000n, rule: 'ended' });
    }
    const kept = (await versions()).map((version) => Number(version.slice(1)));
    expect([kept.length, Math.min(...kept), Math.max(...kept)]).toEqual([200, 51, 250]);
    expect(await own.readVersions({ agentId: 'two' })).toMatchObject([{ version: 'old' }]);
  });

  it('each round of learning wrote that nothing was refused: only what is new is written', async () => {
    const url = harness.newUrl();
    const own = await harness.openAt(url);
    const connection = await harness.connect(url);
    await own.noteLearningRefusal('kept by how they went');
    const readonly = {
      sqlite: `CREATE TRIGGER no_word BEFORE INSERT ON settings WHEN NEW.name = 'learning_refusal'
        BEGIN SELECT RAISE(ABORT, 'written again'); END`,
      postgres: `ALTER TABLE settings ADD CONSTRAINT no_word CHECK (name <> 'learning_refusal') NOT VALID`,
    };
    await connection.raw(readonly[harness.dialect]);
    await own.noteLearningRefusal('kept by how they went');
    await expect(own.noteLearningRefusal('another')).rejects.toThrow();
    await own.noteLearningRefusal(null);
    expect((await own.readJobs()).learningRefusal).toBeNull();
  });

  it('remembers why nothing could be learned until something can', async () => {
    const refusal = async () => (await store.readJobs()).learningRefusal;
    expect(await refusal()).toBeNull();
    await store.noteLearningRefusal('kept by how they went');
    await store.noteLearningRefusal('still');
    expect(await refusal()).toBe('still');
    await store.noteLearningRefusal(null);
    expect(await refusal()).toBeNull();
  });

  it('finds the runs that were exposed to one subject, by cursor, in the order of closing', async () => {
    const none = { experimentId: null, variant: 'v', adaptationId: null, patternId: null };
    await write(
      root(3, base + 50n, { exposures: [{ ...none, experimentId: 'x' }] }),
      root(1, base + 50n, { exposures: [{ ...none, experimentId: 'x', adaptationId: 'a' }] }),
      root(2, base + 50n, { exposures: [{ ...none, adaptationId: 'a' }] }),
      root(4, base + 50n),
    );
    await close('ended', 7n);
    await write(root(5, base + 50n, { exposures: [{ ...none, experimentId: 'x' }] }));
    await close('ended', 9n);
    const idsOf = async (...asked: Parameters<typeof store.readExposed>): Promise<string[]> =>
      (await store.readExposed(...asked)).executions.map(({ id }) => id);
    const experiment = { kind: 'experiment', id: 'x' } as const;
    expect((await idsOf(experiment, 0, 10)).sort()).toEqual(['e1', 'e3', 'e5']);
    expect((await idsOf({ kind: 'adaptation', id: 'a' }, 0, 10)).sort()).toEqual(['e1', 'e2']);
    expect(await idsOf({ kind: 'adaptation', id: 'x' }, 0, 10)).toEqual([]);
    const first = await store.readExposed(experiment, 0, 2);
    expect(await idsOf(experiment, first.cursor, 10)).toEqual(['e5']);
    expect(await idsOf({ ...experiment, closedSinceUnixNano: base + 8n }, 0, 10)).toEqual(['e5']);
    expect((await store.readOutcomeChanges('now', 10)).changes).toEqual([]);
    await store.recordReward(
      makeReward({ target: { kind: 'execution', executionId: 'e5' }, value: 1 }),
    );
    expect((await store.readExposed(experiment, first.cursor, 10)).executions).toMatchObject([
      { id: 'e5', outcome: { reward: 1 } },
    ]);
    await store.remove({ taskId: 't1' });
    expect((await idsOf(experiment, 0, 10)).sort()).toEqual(['e3', 'e5']);
  });

  it('gives the learner everything, in canonical order', async () => {
    await write(
      root(2, base + 50n, {
        attempt: 2,
        replication: 3,
        attemptsUnknown: true,
        agent: { id: 'a', name: 'n', version: 'v', type: 'x' },
        taskType: 'travel',
        sessionId: 's',
        config: attributes({ window: 'tail' }),
        propensities: { window: 0.5 },
        tags: ['beta'],
        taskGroup: 'trips',
        sampling: { basis: 'threshold', probability: 0.25, policy: null, sequence: null },
        exposures: [{ experimentId: 'x', variant: 'v', adaptationId: null, patternId: null }],
      }),
      interpreted(
        {
          traceId: traceId(2),
          spanId: spanId(2),
          parentSpanId: spanId(1),
          name: 'search',
          startTimeUnixNano: base + 9n,
          endTimeUnixNano: base + 60n,
          status: { code: 2, message: null },
        },
        {
          role: 'tool',
          tool: 'search',
          errorType: 'timeout',
          toolArgumentsHash: 'abc',
          requestor: 'user',
        },
      ),
      root(1, base + 5n, { timeSynthetic: true }),
    );
    await store.recordReward(
      makeReward({ target: { kind: 'execution', executionId: 'e2' }, value: 0.5 }),
    );
    await close('ended', 0n);
    const [first, second_] = await closed();
    expect(first).toMatchObject({ id: 'e1', durationNano: null, config: null, outcome: {} });
    expect(second_).toEqual({
      id: 'e2',
      taskId: 't2',
      taskType: 'travel',
      attempt: 2,
      replication: 3,
      attemptsUnknown: true,
      attemptMarked: true,
      taskGroup: 'trips',
      exposures: [{ experimentId: 'x', variant: 'v', adaptationId: null, patternId: null }],
      sampling: { basis: 'threshold', probability: 0.25, policy: null, sequence: null },
      meaningVersion: 1,
      cut: null,
      agent: { id: 'a', name: 'n', version: 'v', type: 'x' },
      sessionId: 's',
      status: 'completed',
      config: attributes({ window: 'tail' }),
      propensities: { window: 0.5 },
      tags: ['beta'],
      rootAttributes: attributes({ 'user.tier': 'gold' }),
      rootSpan: { traceId: traceId(2), spanId: spanId(1) },
      rootStartTimeUnixNano: base + 2n,
      durationNano: 58n,
      inputTokens: null,
      outputTokens: null,
      costUsd: null,
      outcome: { reward: 0.5 },
      steps: [
        {
          traceId: traceId(2),
          spanId: spanId(1),
          parentSpanId: null,
          name: 'span',
          role: 'agent',
          tool: null,
          model: null,
          error: false,
          errorType: null,
          toolArgumentsHash: null,
          requestor: null,
          startTimeUnixNano: base + 2n,
          endTimeUnixNano: base + 50n,
        },
        {
          traceId: traceId(2),
          spanId: spanId(2),
          parentSpanId: spanId(1),
          name: 'search',
          role: 'tool',
          tool: 'search',
          model: null,
          error: true,
          errorType: 'timeout',
          toolArgumentsHash: 'abc',
          requestor: 'user',
          startTimeUnixNano: base + 9n,
          endTimeUnixNano: base + 60n,
        },
      ],
    });
  });

  it('counts what comes after closing, and never shows it to the learner', async () => {
    await write(root(1, base + 5n));
    await close('ended', 0n);
    const before = await closed();
    await write(
      interpreted(
        {
          traceId: traceId(1),
          spanId: spanId(2),
          parentSpanId: spanId(1),
          endTimeUnixNano: base + 900n,
        },
        { role: 'llm', inputTokens: 7, tags: ['late'] },
      ),
    );
    expect(await store.getExecution('e1')).toMatchObject({
      spans: 2,
      inputTokens: 7,
      flags: ['late_spans'],
    });
    const [after] = await closed();
    expect(after).toEqual(before[0]);
    expect(await store.getExecution('e1')).toMatchObject({ tags: ['late'] });
  });

  it('admits what is closed in cuts', async () => {
    expect(await store.admitCut(base)).toEqual({ number: 0, executions: 0 });
    await write(
      root(1, base),
      root(3, base, { agent: { id: 'b', name: null, version: null, type: null } }),
    );
    await close('ended', 0n);
    expect(await store.admitCut(base)).toEqual({ number: 1, executions: 2 });
    await write(root(2, base), root(4, null));
    await close('ended', 0n);
    expect(await ids({ throughCut: 2 })).toEqual(['e1', 'e3']);
    expect(await store.admitCut(base)).toEqual({ number: 2, executions: 1 });
    expect(await store.admitCut(base)).toEqual({ number: 2, executions: 0 });
    expect(await ids({ throughCut: 1 })).toEqual(['e1', 'e3']);
    expect(await ids({ throughCut: 2 })).toEqual(['e1', 'e2', 'e3']);
    expect(await ids({ agentId: 'b' })).toEqual(['e3']);
    expect(await ids({ executionIds: ['e3', 'e1', 'e4', 'x'] })).toEqual(['e1', 'e3']);
    expect(await ids({ throughCut: 1, executionIds: ['e2'] })).toEqual([]);
    expect(await store.countClosedExecutions()).toBe(3);
    expect(await store.countClosedExecutions({ judged: true })).toBe(0);
    await store.recordReward(makeReward({ target: { kind: 'execution', executionId: 'e1' } }));
    expect(await store.countClosedExecutions({ judged: true })).toBe(1);
  });

  it('streams more executions than a page holds', async () => {
    const spans = Array.from({ length: 230 }, (_, index) => root(index + 1, base));
    await write(...spans);
    expect(await close('ended', 0n)).toBe(230);
    const starts = (await closed()).map((execution) => execution.rootStartTimeUnixNano);
    expect(starts).toHaveLength(230);
    expect(starts).toEqual([...starts].sort((a, b) => (a < b ? -1 : 1)));
  });

  const pattern = (change: Partial<Pattern> = {}): Pattern => ({
    id: 'p1',
    type: 'success',
    status: 'observed',
    predicate: {
      text: 'tool:search',
      terms: [{ kind: 'tool', key: 'search', op: 'present', value: true }],
    },
    dimension: 'reward',
    effect: {
      measure: 'odds_ratio_mh',
      estimate: 2,
      interval: { lower: 0.5, upper: Infinity },
      level: 0.95,
      adjusted: true,
    },
    support: { with: { n: 1, successes: 1, mean: 1 }, without: { n: 0, successes: 0, mean: null } },
    test: { name: 'cmh', statistic: 1, df: 1, pValue: 0.01, qValue: 0.02, eValue: null },
    strata: { by: 'task', used: 1, informative: 1 },
    adjustedFor: ['agent x epoch'],
    nEffective: 40.5,
    finding: {
      id: 'p1',
      head: 'tool:search',
      alsoSeenAs: ['tool:find'],
      alsoSeenAsMore: 0,
      levels: [{ value: 'a', n: 0, mean: null, interval: null }],
    },
    life: { state: 'open', why: null, atUnixNano: null, by: null },
    sampling: { basis: 'assumed', weighted: false },
    confidence: 0.98,
    controllable: false,
    flags: {
      controllable: false,
      preTreatment: false,
      outcomeProximal: false,
      outcomeTriggered: false,
      reason: 'a behaviour',
    },
    context: { agentType: null, taskType: null, configRange: [], tags: [] },
    applicabilityScore: 1,
    explanation: {
      reason: 'because',
      wording: 'associated_with',
      heldFixed: ['task'],
      leftOut: [{ key: 'task', estimate: 0.1, moves: true }],
      elsewhere: [
        {
          dimension: 'cost_usd',
          measure: 'relative_change',
          estimate: 0.4,
          interval: { lower: 0.2, upper: 0.6 },
          pValue: 0.001,
          runs: 28,
        },
      ],
      needs: 'more',
      sourceSpanIds: [{ traceId: traceId(1), spanId: spanId(1) }],
      contradictingSpanIds: [],
    },
    firstSeenUnixNano: base,
    lastTestedUnixNano: base + 1n,
    ...change,
  });

  it('keeps patterns exactly, and the newest word about each', async () => {
    await store.storePattern(pattern());
    await store.storePattern(pattern({ confidence: 0.5 }));
    await store.storePattern(
      pattern({ id: 'p2', type: 'anti_pattern', status: 'demoted', dimension: 'cost' }),
    );
    expect(await store.getPattern('p1')).toEqual(pattern({ confidence: 0.5 }));
    expect(await store.getPattern('p3')).toBeNull();
    const found = async (query: Parameters<EvolutionStore['queryPatterns']>[0]) =>
      (await store.queryPatterns(query)).items.map(({ id }) => id);
    expect(await found({})).toEqual(['p2', 'p1']);
    expect(await found({ type: 'success' })).toEqual(['p1']);
    expect(await found({ status: 'demoted' })).toEqual(['p2']);
    expect(await found({ dimension: 'cost' })).toEqual(['p2']);
    expect(await found({ minConfidence: 0.9 })).toEqual(['p2']);
    expect(
      (await collect((cursor) => store.queryPatterns({ limit: 1, cursor }))).map(({ id }) => id),
    ).toEqual(['p2', 'p1']);
  });

  it('finds patterns by what they are about', async () => {
    const about = (id: string, terms: readonly PredicateTerm[], change: Partial<Pattern> = {}) =>
      store.storePattern(pattern({ id, predicate: { text: id, terms }, ...change }));
    const term = (
      kind: string,
      key: string,
      op: PredicateTerm['op'] = 'present',
      value: PredicateTerm['value'] = true,
    ): PredicateTerm => ({ kind, key, op, value });
    const context = { agentType: null, taskType: 'airline', configRange: [], tags: [] };
    await about('a', [term('tool', 'search'), term('config', 'window', '=', 'tail')], { context });
    await about('b', [term('bigram', 'search,read', 'present', ['search', 'read'])], {
      lastTestedUnixNano: base + 9n,
    });
    await about('c', [term('first', 'read'), term('config', 'n', '=', { int: '2' })]);
    await about('d', [term('config', 'window', 'in', [null, 1]), term('any_tool_error', '')]);
    await about('e', [term('attr', 'user.tier', '=', 'go"ld'), term('attr', 'n', 'in', [1, 2])]);
    await about('f', [term('model', 'm'), term('tag', 'x'), term('agent', 'r')]);
    const found = async (query: Parameters<EvolutionStore['queryPatterns']>[0]) =>
      (await store.queryPatterns(query)).items.map(({ id }) => id).sort();
    expect(await found({ tool: 'search' })).toEqual(['a', 'b']);
    expect(await found({ tool: 'read' })).toEqual(['b', 'c']);
    expect(await found({ tool: 'sea' })).toEqual([]);
    expect(await found({ tool: 'search', taskType: 'airline' })).toEqual(['a']);
    expect(await found({ config: { window: 'tail' } })).toEqual(['a']);
    expect(await found({ config: { n: '2' } })).toEqual(['c']);
    expect(await found({ attributes: { 'user.tier': 'go"ld' } })).toEqual(['e']);
    expect(await found({ model: 'm', tags: ['x'], agentId: 'r' })).toEqual(['f']);
    expect(await found({ tags: ['x', 'y'] })).toEqual([]);
    await about('g', [term('attr', 'task.type', '=', 'airline')]);
    expect(await found({ taskType: 'airline' })).toEqual(['a', 'g']);
    expect(await found({ sinceUnixNano: base + 9n })).toEqual(['b']);
    expect(await found({ untilUnixNano: base + 9n })).toEqual(['a', 'c', 'd', 'e', 'f', 'g']);
    await about('h', [term('tool', 'nu\0l')]);
    expect(await found({ tool: 'nu\0l' })).toEqual(['h']);
    // Learned again, it may be about something else.
    await about('a', [term('tool', 'write')]);
    expect(await found({ tool: 'search' })).toEqual(['b']);
  });

  const look = (number: number): Look => ({
    number,
    atUnixNano: base,
    units: 250,
    alpha: 0.03,
    candidates: 10,
    tested: 5,
    promoted: 1,
    settings: { successThreshold: 0.5 },
  });
  const entry = (patternId: string): LedgerEntry => ({
    look: 1,
    patternId,
    predicate: 'tool:search',
    dimension: 'reward',
    strata: 'task',
    pValue: 0.01,
    qValue: null,
    status: 'observed',
    reason: null,
  });

  it('keeps what people made of a finding, whatever is learned again', async () => {
    await store.storePattern(pattern());
    const life = { state: 'resolved', why: 'fixed', atUnixNano: base + 5n, by: 'Ada' } as const;
    expect(await store.markPattern('p1', life)).toEqual(pattern({ life }));
    await store.storePattern(pattern({ confidence: 0.5 }));
    expect(await store.getPattern('p1')).toEqual(pattern({ confidence: 0.5, life }));
    expect((await store.queryPatterns({})).items).toHaveLength(1);
    expect((await store.queryPatterns({ life: 'open' })).items).toEqual([]);
    const [kept] = (await store.readLedger({})).items;
    expect(kept).toMatchObject({ test: 'mark', patternId: 'p1', life });
    await expect(store.markPattern('none', life)).rejects.toMatchObject({ code: 'not_found' });
    const seen = { ...life, state: 'reopened', by: 'the learner' } as const;
    const watch = (markedAtUnixNano: bigint, step: number): LedgerEntry => ({
      ...entry('p1'),
      ...{ test: 'watch', step, life: seen, markedAtUnixNano },
    });
    // Somebody marked it anew meanwhile: the watch was over another mark.
    await store.recordTests([], [watch(base + 4n, 1)]);
    expect((await store.getPattern('p1'))?.life).toEqual(life);
    await store.recordTests([], [watch(base + 5n, 1)]);
    expect((await store.getPattern('p1'))?.life).toEqual(seen);
    expect((await store.queryPatterns({ life: 'open' })).items).toHaveLength(1);
  });

  it('records a test between looks once, and nothing of who comes second', async () => {
    const fresh: LedgerEntry = { ...entry('p1'), test: 'confirmation', step: 1 };
    await store.recordTests([pattern()], [fresh]);
    await expect(
      store.recordTests([pattern({ confidence: 0.1 })], [{ ...fresh, step: 2 }, fresh]),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect((await store.readLedger({})).items).toHaveLength(1);
    expect(await store.getPattern('p1')).toEqual(pattern());
  });

  it('records a look with its patterns and tests in one transaction', async () => {
    await store.recordLook(look(1), [pattern()], [entry('p1'), entry('p2'), entry('p3')]);
    await store.recordLook(look(2), [], []);
    expect(await store.readLooks()).toEqual([look(1), look(2)]);
    expect(await collect((cursor) => store.readLedger({ limit: 2, cursor }))).toEqual([
      entry('p1'),
      entry('p2'),
      entry('p3'),
    ]);
    expect((await store.readLedger({ patternId: 'p2' })).items).toEqual([entry('p2')]);
    await expect(store.recordLook(look(2), [pattern({ id: 'lost' })], [])).rejects.toThrow(
      EvolutionError,
    );
    expect(await store.getPattern('lost')).toBeNull();
    expect(await store.getPattern('p1')).toEqual(pattern());
  });
}
