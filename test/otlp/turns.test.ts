import fc from 'fast-check';
import { MemoryBudget } from '../../src/otlp/memory-budget';
import { estimateCost } from '../../src/otlp/estimate-cost';
import { BusyError, Turns } from '../../src/otlp/turns';
import { decodeTraces } from '../../src/otlp';
import { arbitraryRequest } from './arbitrary-request';
import { jsonOf, protobufOf, requestMessage, spanMessage } from './make-request';

const never = new AbortController().signal;

describe('turns', () => {
  const limits = {
    maxWorking: 10,
    maxSlices: 10,
    slice: 10,
    small: 0,
    maxWaiting: 1_000,
  };

  test('who asks for little goes before who asks for much; who has had much waits', async () => {
    const turns = new Turns(limits);
    const order: string[] = [];
    const [greedy, modest] = [{}, {}];
    const run = async (name: string, connection: object, cost: number): Promise<void> => {
      const turn = await turns.take(connection, cost, 5_000, never);
      order.push(name);
      await Promise.resolve();
      turn.end();
    };
    await Promise.all([
      run('much 1', greedy, 10),
      run('much 2', greedy, 10),
      run('much 3', greedy, 10),
      run('little 1', modest, 1),
      run('little 2', modest, 1),
    ]);
    expect(order).toEqual(['much 1', 'little 1', 'little 2', 'much 2', 'much 3']);
  });

  test('much is not put off for ever by ever new clients that ask for little', async () => {
    const turns = new Turns(limits);
    const first = await turns.take({}, 10, 5_000, never);
    let served = false;
    const much = turns.take({}, 10, 5_000, never).then((turn) => {
      served = true;
      turn.end();
    });
    let turn = first;
    for (let n = 0; n < 100 && !served; n += 1) {
      const next = turns.take({}, 6, 5_000, never);
      turn.end();
      turn = await Promise.race([next, much.then(() => first)]);
    }
    expect(served).toBe(true);
  });

  test('over the bound the one that would come last is refused', async () => {
    const turns = new Turns({ ...limits, maxWaiting: 25 });
    const turn = await turns.take({}, 10, 5_000, never);
    const greedy = {};
    const waiting = [20, 5, 5].map((cost, n) =>
      turns.take(n === 0 ? greedy : {}, cost, 5_000, never).then(
        (served) => {
          served.end();
          return 'served';
        },
        (error: unknown) => (error instanceof BusyError ? 'busy' : 'error'),
      ),
    );
    turn.end();
    expect(await Promise.all(waiting)).toEqual(['busy', 'served', 'served']);
    expect(turns.waiting).toBe(0);
  });

  test('a turn that does not come in time is given up, and one that is not wanted any more', async () => {
    const turns = new Turns(limits);
    await turns.take({}, 10, 5_000, never);
    await expect(turns.take({}, 1, 20, never)).rejects.toThrow(BusyError);
    const unwanted = new AbortController();
    const taken = turns.take({}, 1, 5_000, unwanted.signal);
    unwanted.abort(new Error('gone'));
    await expect(taken).rejects.toThrow('gone');
    expect(turns.waiting).toBe(0);
  });
});

test('of many small requests only so many work at once, and a large one counts as its slice', async () => {
  const turns = new Turns({
    maxWorking: 100,
    maxSlices: 10,
    slice: 5,
    small: 0,
    maxWaiting: 1_000,
  });
  const large = await turns.take({}, 80, 5_000, never);
  for (let n = 0; n < 5; n += 1) await turns.take({}, 1, 5_000, never);
  const sixth = turns.take({}, 1, 5_000, never);
  expect(turns.waiting).toBe(1);
  large.end();
  await sixth;
});

test('a small request begins beside large ones, also when one that waits before it does not fit', async () => {
  const limits = { maxWorking: 100, maxSlices: 40, slice: 10, small: 4, maxWaiting: 1_000 };
  const turns = new Turns(limits);
  const [large, chatty] = [await turns.take({}, 100, 5_000, never), {}];
  const next = turns.take({}, 50, 5_000, never);
  const small = await Promise.all([1, 2].map(() => turns.take(chatty, 4, 5_000, never)));
  expect(turns.waiting).toBe(1);
  const tooMany = turns.take(chatty, 4, 5_000, never);
  expect(turns.waiting).toBe(2);
  small[0]!.end();
  await tooMany;
  // What is done of the large one is room for the next.
  large.charge(40);
  await next;
  expect(turns.waiting).toBe(0);
});

test('limits may change while requests wait', async () => {
  const limits = { maxWorking: 10, maxSlices: 100, slice: 100, small: 0, maxWaiting: 1_000 };
  const turns = new Turns(limits);
  const [first] = [await turns.take({}, 10, 5_000, never)];
  const second = turns.take({}, 10, 5_000, never);
  limits.maxWorking = 30;
  const third = turns.take({}, 10, 5_000, never);
  await Promise.all([second, third]);
  first.end();
});

test('however many hold what they can, some memory stays free for a newcomer', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { minLength: 100, maxLength: 400 }), (connections) => {
      const limit = 96 * 2 ** 20;
      const budget = new MemoryBudget(limit);
      const leases = new Map<number, ReturnType<MemoryBudget['lease']>>();
      for (const n of connections) {
        const lease = leases.get(n) ?? budget.lease({});
        leases.set(n, lease);
        while (lease.take(64 * 1024)) expect(budget.held).toBeLessThanOrEqual(limit);
      }
      expect(budget.lease({}).take(64 * 1024)).toBe(true);
      for (const lease of leases.values()) lease.release();
    }),
    { numRuns: 20 },
  );
});

test('alone a connection may hold the largest body there is', () => {
  expect(new MemoryBudget(96 * 2 ** 20).lease({}).take(64 * 2 ** 20)).toBe(true);
});

test('the estimate counts the spans of any request, and only bytes of what is none', () => {
  fc.assert(
    fc.property(arbitraryRequest, (request) => {
      const body = protobufOf(request);
      const { spans, refused } = decodeTraces(body, 'protobuf');
      const sent = spans.length + refused.length;
      const kind = { signal: 'traces', encoding: 'protobuf' } as const;
      expect(estimateCost(body, kind)).toBe(Math.max(1, sent, Math.ceil(body.length / 1024)));
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5_000 }), (body) => {
      const cost = estimateCost(body, { signal: 'traces', encoding: 'protobuf' });
      expect(cost).toBeGreaterThanOrEqual(1);
      expect(cost).toBeLessThanOrEqual(5_000);
    }),
  );
  const many = requestMessage(...Array.from({ length: 50 }, () => spanMessage('one')));
  const kind = { signal: 'traces', encoding: 'json' } as const;
  expect(estimateCost(jsonOf(many), kind)).toBe(50);
  expect(estimateCost(Buffer.alloc(1_000_000, 0x20), kind)).toBe(1_954);
});
