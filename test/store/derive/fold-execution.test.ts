import { foldExecution as read } from '../../../src/store/derive/fold-execution';
import { mergeStates, stateOf } from '../../../src/store/derive/execution-state';
import fc from 'fast-check';
import { spanId, traceId } from '../../support/make-span';
import { makeFoldSpan } from './make-fold-span';

const pick = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const foldExecution = (spans: readonly ReturnType<typeof makeFoldSpan>[]) => read(stateOf(spans));

describe('foldExecution', () => {
  it('takes the first agent for the root, one without a parent before others, then the smallest id', () => {
    const root = (...spans: ReturnType<typeof makeFoldSpan>[]) => foldExecution(spans).root;
    const chain = makeFoldSpan(1);
    const agent = makeFoldSpan(2, { parent: 1, role: 'agent' });
    const nested = makeFoldSpan(3, { parent: 2, role: 'agent', startTimeUnixNano: 11n });
    expect(root(nested, agent, chain).spanId).toBe(spanId(2));
    // Where clocks tell no difference, who ends last holds the other.
    const inside = makeFoldSpan(1, { parent: 2, role: 'agent', endTimeUnixNano: 19n });
    expect(root(inside, agent).spanId).toBe(spanId(2));
    const early = makeFoldSpan(3, { parent: 2, role: 'agent', startTimeUnixNano: 1n });
    expect(root(early, makeFoldSpan(2, { role: 'agent' })).spanId).toBe(spanId(2));
    expect(root(chain, makeFoldSpan(4, { startTimeUnixNano: 5n })).spanId).toBe(spanId(4));
    expect(root(makeFoldSpan(6), makeFoldSpan(5)).spanId).toBe(spanId(5));
    const twin = makeFoldSpan(5, { traceId: traceId(2) });
    expect(root(twin, makeFoldSpan(5)).traceId).toBe(traceId(1));
    const ring = [makeFoldSpan(1, { parent: 2 }), makeFoldSpan(2, { parent: 1 })];
    expect(root(...ring).spanId).toBe(spanId(1));
  });

  it('is the same state for any split of the spans', () => {
    const words = fc.record(
      {
        taskId: pick('t', 'u'),
        attempt: pick(1, 2),
        success: fc.boolean(),
        status: pick('failed', 'cancelled'),
      },
      { requiredKeys: [] },
    );
    const span = fc
      .record({
        id: fc.integer({ min: 1, max: 40 }),
        parent: fc.integer({ min: 0, max: 3 }),
        start: fc.integer({ min: 1, max: 4 }),
        end: fc.option(fc.integer({ min: 1, max: 6 })),
        role: pick('agent', 'llm', 'tool', 'other'),
        model: fc.option(pick('m', 'n')),
        costUsd: fc.option(pick(0.1, 0.2, 0.7)),
        inputTokens: fc.option(fc.nat(9)),
        agentId: fc.option(pick('a', 'b')),
        meaning: words,
      })
      .map(({ id, parent, start, end, ...rest }) =>
        makeFoldSpan(id, {
          ...(parent > 0 && { parent }),
          startTimeUnixNano: BigInt(start),
          endTimeUnixNano: end === null ? null : BigInt(end),
          ...(rest as object),
        }),
      );
    const spans = fc.uniqueArray(span, {
      selector: ({ spanId: id }) => id,
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(spans, fc.infiniteStream(fc.nat(4)), (all, sizes) => {
        const tagsOf = ({ spanId: id }: { spanId: string }) => [id.slice(-1)];
        let merged: ReturnType<typeof stateOf> | null = null;
        for (let from = 0; from < all.length;) {
          const size = 1 + (sizes.next().value as number);
          const part = stateOf([...all.slice(from, from + size)].reverse(), tagsOf);
          merged = merged ? mergeStates(part, merged) : part;
          from += size;
        }
        expect(merged).toEqual(stateOf(all, tagsOf));
        // Stored as text, and read back.
        expect(JSON.stringify(merged)).toBe(JSON.stringify(JSON.parse(JSON.stringify(merged))));
      }),
      { numRuns: 300 },
    );
  });

  it('takes what the root says first, then what the earliest span says', () => {
    const folded = foldExecution([
      makeFoldSpan(1, { startTimeUnixNano: 1n, meaning: { taskId: 'early', taskType: 'early' } }),
      makeFoldSpan(2, { role: 'agent', meaning: { taskId: 'root', sessionId: 's' } }),
      makeFoldSpan(3, { meaning: { taskId: 'late', attempt: 2, success: false } }),
    ]);
    expect(folded).toMatchObject({
      taskId: 'root',
      taskType: 'early',
      sessionId: 's',
      attempt: 2,
      replication: null,
      saidSuccess: false,
    });
    expect(foldExecution([makeFoldSpan(1)]).taskId).toBe(traceId(1));
  });

  it('takes the agent of the root, else of the first span that names one', () => {
    const named = makeFoldSpan(2, {
      parent: 1,
      agentId: 'helper',
      meaning: { agent: { name: 'n', version: null, type: 't' } },
    });
    expect(foldExecution([makeFoldSpan(1), named]).agent).toEqual({
      id: 'helper',
      name: 'n',
      version: null,
      type: 't',
    });
    expect(foldExecution([makeFoldSpan(1, { agentId: 'own' }), named]).agent.id).toBe('own');
    expect(foldExecution([makeFoldSpan(1)]).agent).toEqual({
      id: null,
      name: null,
      version: null,
      type: null,
    });
  });

  it('is running while the root is open, then failed or completed; a word said wins, the latest last', () => {
    const status = (change: object, ...more: ReturnType<typeof makeFoldSpan>[]) =>
      foldExecution([makeFoldSpan(1, change), ...more]).status;
    expect(status({ endTimeUnixNano: null })).toBe('running');
    expect(status({ error: true })).toBe('failed');
    expect(status({})).toBe('completed');
    expect(status({ meaning: { status: 'timed_out' } })).toBe('timed_out');
    const later = makeFoldSpan(2, {
      parent: 1,
      startTimeUnixNano: 11n,
      meaning: { status: 'cancelled' },
    });
    expect(status({ meaning: { status: 'timed_out' } }, later)).toBe('cancelled');
  });

  it('lasts from the first start to the last end, never less than nothing', () => {
    const child = makeFoldSpan(2, { parent: 1, endTimeUnixNano: 90n });
    expect(foldExecution([makeFoldSpan(1), child])).toMatchObject({
      startTimeUnixNano: 10n,
      endTimeUnixNano: 90n,
      durationNano: 80n,
    });
    expect(foldExecution([makeFoldSpan(1, { endTimeUnixNano: null }), child])).toMatchObject({
      endTimeUnixNano: null,
      durationNano: null,
      rootEnded: false,
    });
    expect(foldExecution([makeFoldSpan(1, { endTimeUnixNano: 3n })])).toMatchObject({
      durationNano: 0n,
      flags: ['clock_skew'],
    });
    const synthetic = foldExecution([makeFoldSpan(1, { meaning: { timeSynthetic: true } })]);
    expect(synthetic).toMatchObject({ durationNano: null, flags: ['time_synthetic'] });
  });

  it('sums what is known, in one order, and counts the rest', () => {
    const costs = [0.1, 0.2, 0.3, 1e-17].map((costUsd, index) =>
      makeFoldSpan(index + 1, { costUsd, inputTokens: 1, startTimeUnixNano: BigInt(index + 10) }),
    );
    const reversed = [...costs].reverse();
    expect(foldExecution(reversed).costUsd).toBe(foldExecution(costs).costUsd);
    expect(foldExecution(costs)).toMatchObject({ inputTokens: 4, outputTokens: null, spans: 4 });
    const late = makeFoldSpan(9, { receivedAtUnixNano: 300n, meaning: { attemptsUnknown: true } });
    expect(foldExecution([late, ...costs])).toMatchObject({
      lastReceivedAtUnixNano: 300n,
      flags: ['attempts_unknown'],
    });
  });
});
