import { diag, DiagLogLevel } from '@opentelemetry/api';
import { withEvolutionTracking } from '../../src/instrumentation';
import { observeResult } from '../../src/instrumentation/observe-result';
import type { WorkOutcome } from '../../src/instrumentation/result-observer';
import { recordSpans, useAsyncContext } from './record-spans';

useAsyncContext();
const warn = jest.fn();
beforeEach(() => {
  const quiet = (): void => {};
  diag.setLogger(
    { error: warn, warn, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  warn.mockClear();
});
afterEach(() => diag.disable());

/** What the caller of a tracked agent gets, and how many spans ended when it was used up by `use`. */
async function tracked<T>(result: T, use: (given: T) => unknown) {
  const { tracker, spans } = recordSpans();
  const given = withEvolutionTracking(() => result, { tracker })();
  const used = await use(given);
  return { given, used, ended: (await spans()).map(({ status }) => status.code) };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe('what cannot be watched comes back untouched, and its span ends', () => {
  test('a frozen iterable threw TypeError', async () => {
    const iterable = Object.freeze({
      async *[Symbol.asyncIterator]() {
        yield 1;
        yield 2;
      },
    });
    const { given, used, ended } = await tracked(iterable, collect);
    expect(given).toBe(iterable);
    expect(used).toEqual([1, 2]);
    expect(ended).toEqual([0]);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test('a frozen iterator of an iterable threw TypeError', async () => {
    const iterator = Object.freeze({
      next: () => Promise.resolve({ done: true as const, value: 'end' }),
    });
    const iterable = { [Symbol.asyncIterator]: () => iterator };
    const { used, ended } = await tracked(iterable, collect);
    expect(used).toEqual([]);
    expect(ended).toEqual([0]);
  });

  test('a frozen thenable threw TypeError', async () => {
    const thenable = Object.freeze({ then: (resolve: (value: string) => void) => resolve('late') });
    const { given, used, ended } = await tracked({ thenable }, (result) => result.thenable);
    expect(given.thenable).toBe(thenable);
    expect([used, ended]).toEqual(['late', [0]]);
    const direct = recordSpans();
    const agent = withEvolutionTracking(() => thenable, { tracker: direct.tracker });
    expect(agent() === thenable).toBe(true);
    await expect(agent()).resolves.toBe('late');
    expect(await direct.spans()).toHaveLength(2);
  });

  test('a result frozen by its receiver shows the methods it has', async () => {
    const { tracker } = recordSpans();
    const next = (): Promise<IteratorResult<number>> => Promise.resolve({ done: true, value: 0 });
    const source = { next, [Symbol.asyncIterator]: () => source };
    const given = withEvolutionTracking(() => source, { tracker })();
    expect(Object.freeze(given).next).toBe(next);
  });

  test('a revoked proxy threw into the host', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const { tracker, spans } = recordSpans();
    const agent = withEvolutionTracking(() => proxy, { tracker, captureContent: true });
    expect(agent() === proxy).toBe(true);
    expect((await spans()).map(({ status }) => status.code)).toEqual([0]);
  });

  test('a revoked function, a proxy whose every trap throws', async () => {
    const fail = (): never => {
      throw new Error('trap');
    };
    const hostile = new Proxy(
      {},
      { get: fail, has: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail, ownKeys: fail },
    );
    const revoked = Proxy.revocable(() => 1, {});
    revoked.revoke();
    for (const result of [hostile, revoked.proxy]) {
      const { tracker, spans } = recordSpans();
      const agent = withEvolutionTracking(() => result, { tracker, captureContent: true });
      expect(agent() === result).toBe(true);
      expect(await spans()).toHaveLength(1);
    }
  });

  test('an object whose `on` throws threw into the host', async () => {
    const emitter = {
      pipe: () => 'piped',
      on() {
        throw new Error('no listeners here');
      },
    };
    const { given, ended } = await tracked(emitter, (result) => result.pipe());
    expect(given).toBe(emitter);
    expect(ended).toEqual([0]);
  });

  test('an item whose `done` throws is handed out as it is', async () => {
    const item = {
      get done(): boolean {
        throw new Error('getter');
      },
    };
    const iterator = { next: () => item, [Symbol.iterator]: () => iterator };
    const { used } = await tracked(iterator, (result) => result.next());
    expect(used).toBe(item);
  });

  test('a promise of something that cannot be watched still settles with it', async () => {
    const frozen = Object.freeze({ [Symbol.asyncIterator]: () => ({}) });
    const { used, ended } = await tracked(Promise.resolve(frozen), (result) => result);
    expect(used).toBe(frozen);
    expect(ended).toEqual([0]);
  });
});

describe('lazy results', () => {
  class Query {
    #rows = ['a'];
    limit = 10;
    get rows(): readonly string[] {
      return this.#rows;
    }
    set rows(rows: readonly string[]) {
      this.#rows = [...rows];
    }
    where(): this {
      return this;
    }
    then<R>(onRows: (rows: readonly string[]) => R): Promise<R> {
      return Promise.resolve(this.#rows).then(onRows);
    }
  }

  test('lost `.constructor`', async () => {
    const { tracker } = recordSpans();
    const query = withEvolutionTracking(() => new Query(), { tracker })();
    expect(query.constructor).toBe(Query);
    expect(await new (query.constructor as typeof Query)()).toEqual(['a']);
    const stream = withEvolutionTracking(async function* () {}, { tracker })();
    const plain = (async function* () {})();
    expect(stream.constructor).toBe(plain.constructor);
    class Chunks {
      static readonly version = 3;
      async *[Symbol.asyncIterator]() {}
    }
    const chunks = withEvolutionTracking(() => new Chunks(), { tracker })();
    expect(chunks.constructor).toBe(Chunks);
  });

  test('keep setters with private fields, and a method is the same each time', async () => {
    const { tracker, spans } = recordSpans();
    const query = withEvolutionTracking(() => new Query(), { tracker })();
    query.rows = ['b'];
    expect(query.rows).toEqual(['b']);
    expect(query.where().where === query.where).toBe(true);
    expect([query.where.name, query.where.length]).toEqual(['where', 0]);
    expect(await query.where()).toEqual(['b']);
    expect(await spans()).toHaveLength(1);
  });

  test('a thenable whose `then` returns nothing settled with undefined', async () => {
    const outcomes: WorkOutcome[] = [];
    const observer = {
      run: <R>(work: () => R): R => work(),
      item: () => {},
      end: (outcome: WorkOutcome) => void outcomes.push(outcome),
    };
    const later = { then: (resolve: (v: string) => void) => void setImmediate(resolve, 'late') };
    await expect(observeResult(later, observer)).resolves.toBe('late');
    const failure = new Error('broken');
    const broken = { then: (_: unknown, reject: (e: unknown) => void) => reject(failure) };
    await expect(observeResult(broken, observer)).rejects.toBe(failure);
    expect(outcomes).toEqual([
      { kind: 'returned', value: 'late' },
      { kind: 'failed', error: failure },
    ]);
  });

  test('`catch` of a promise with private fields threw TypeError', async () => {
    class ApiPromise extends Promise<never> {
      #client = 'client';
      override catch<R = never>(
        onRejected?: ((error: unknown) => R | PromiseLike<R>) | null,
      ): Promise<R> {
        if (this.#client === '') throw new Error('no client');
        return super.catch(onRejected);
      }
    }
    const failure = new Error('api');
    const { tracker, spans } = recordSpans();
    const call = withEvolutionTracking(() => ApiPromise.reject(failure) as ApiPromise, { tracker });
    await expect(call().catch((error: unknown) => error)).resolves.toBe(failure);
    expect((await spans()).map(({ status }) => status.code)).toEqual([2]);
  });
});
