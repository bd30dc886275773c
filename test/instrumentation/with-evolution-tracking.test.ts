import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { ConfigError } from '../../src/errors';
import { withEvolutionTracking } from '../../src/instrumentation';
import { recordSpans, useAsyncContext } from './record-spans';

useAsyncContext();
afterEach(() => diag.disable());

class Counter {
  #count = 0;
  label = 'start';
  readonly failure = new RangeError('no more');

  get count(): number {
    return this.#count;
  }
  set count(value: number) {
    this.#count = value;
  }
  run(step: number): number {
    this.#count += step;
    return this.#count;
  }
  async invoke(step: number): Promise<number> {
    await wait(1);
    return this.run(step);
  }
  execute(): never {
    throw this.failure;
  }
  add(step: number): this {
    this.#count += step;
    return this;
  }
  async *stream(upTo: number): AsyncGenerator<number, string> {
    try {
      for (let i = 1; i <= upTo; i += 1) {
        await wait(1);
        yield (this.#count += 1);
      }
      return 'done';
    } finally {
      this.label = 'cleaned up';
    }
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

const outline = (all: Awaited<ReturnType<ReturnType<typeof recordSpans>['spans']>>) =>
  all.map((span) => [span.name, span.attributes['operation.type'], span.status.code]);

describe('a class', () => {
  test('keeps private fields, getters, setters, this, instanceof and its own errors', async () => {
    const { tracker, spans } = recordSpans();
    const plain = new Counter();
    const tracked = withEvolutionTracking(plain, { tracker });

    expect(tracked).toBeInstanceOf(Counter);
    expect(tracked.constructor).toBe(Counter);
    expect(tracked.run(2)).toBe(2); // synchronous, not a promise
    await expect(tracked.invoke(3)).resolves.toBe(5);
    tracked.count = 10;
    expect(plain.count).toBe(10);
    expect(tracked.count).toBe(10);
    tracked.label = 'changed';
    expect(plain.label).toBe('changed');
    expect(tracked.add(1).add(1).run(1)).toBe(13);
    expect(tracked.run.name).toBe('run');
    expect(Reflect.get(tracked, 'run')).toBe(Reflect.get(tracked, 'run'));
    expect(Object.keys(tracked)).toEqual(Object.keys(plain));
    let caught: unknown;
    try {
      tracked.execute();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBe(plain.failure);

    expect(outline(await spans())).toEqual([
      ['invoke_agent Counter', 'run', 0],
      ['invoke_agent Counter', 'invoke', 0], // the run inside is part of it
      ['invoke_agent Counter', 'run', 0],
      ['invoke_agent Counter', 'execute', 2],
    ]);
  });

  test('methods: those asked for, all, and an error for those that do not exist', async () => {
    const { tracker, spans } = recordSpans();
    const named = withEvolutionTracking(new Counter(), { tracker, methods: ['add'] });
    named.add(1).run(1);
    const all = withEvolutionTracking(new Counter(), { tracker, methods: 'all' });
    all.add(1);
    all.run(1);
    expect(outline(await spans()).map(([, method]) => method)).toEqual(['add', 'add', 'run']);
    expect(() => withEvolutionTracking(new Counter(), { methods: ['fly'] })).toThrow(/fly/);
    expect(() => withEvolutionTracking({})).toThrow(ConfigError);
    expect(() => withEvolutionTracking(7 as never)).toThrow(ConfigError);
  });

  test('a getter is not run to find out what it is', () => {
    const getter = jest.fn(() => 'side effect');
    const agent = Object.defineProperty({ run: () => 1 }, 'stream', { get: getter });
    withEvolutionTracking(agent, { tracker: recordSpans().tracker });
    expect(getter).not.toHaveBeenCalled();
  });

  test('a frozen object behaves as before, untracked, and somebody is told', async () => {
    const warn = jest.fn();
    const quiet = () => {};
    diag.setLogger(
      { error: warn, warn, info: quiet, debug: quiet, verbose: quiet },
      {
        logLevel: DiagLogLevel.WARN,
        suppressOverrideMessage: true,
      },
    );
    const { tracker, spans } = recordSpans();
    const agent = Object.freeze({ run: () => 'frozen' });
    expect(withEvolutionTracking(agent, { tracker }).run()).toBe('frozen');
    expect(await spans()).toEqual([]);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test('an event emitter, a method replaced later, a class as a property, an arrow function', async () => {
    class Emitter extends EventEmitter {
      readonly Inner = Counter;
      readonly call = (x: number) => x + 1;
      run(): string {
        this.emit('ran', 7);
        return 'a';
      }
    }
    const { tracker, spans } = recordSpans();
    const tracked = withEvolutionTracking(new Emitter(), { tracker });
    const ran = once(tracked, 'ran');
    tracked.run();
    expect(await ran).toEqual([7]);
    expect(new tracked.Inner().run(1)).toBe(1);
    expect(new tracked.Inner()).toBeInstanceOf(Counter);
    const { call } = tracked; // works without this, and is tracked still
    expect(call(1)).toBe(2);
    tracked.run = () => 'b';
    expect(tracked.run()).toBe('b');
    expect(await spans()).toHaveLength(3);
  });
});

describe('a function', () => {
  test('keeps name, length, properties, this and the identity of its errors', async () => {
    const { tracker, spans } = recordSpans();
    const failure = new Error('identity');
    async function answer(this: unknown, question: string): Promise<unknown> {
      if (question === '') throw failure;
      await wait(1);
      return this;
    }
    const agent = withEvolutionTracking(Object.assign(answer, { version: 3 }), { tracker });
    const self = {};
    await expect(agent.call(self, 'x')).resolves.toBe(self);
    await expect(agent.call(self, '')).rejects.toBe(failure);
    expect([agent.name, agent.length, agent.version]).toEqual(['answer', 1, 3]);
    expect(outline(await spans())).toEqual([
      ['invoke_agent answer', 'answer', 0],
      ['invoke_agent answer', 'answer', 2],
    ]);
  });

  test('an agent inside an agent is a span of the same execution', async () => {
    const { tracker, span } = recordSpans();
    const inner = withEvolutionTracking(async function helper() {}, { tracker });
    const outer = withEvolutionTracking(
      async function boss() {
        await inner();
      },
      { tracker, autoTags: true },
    );
    await outer();
    const root = await span('invoke_agent boss');
    const child = await span('invoke_agent helper');
    expect(child.parentSpanId).toBe(root.spanId);
    expect(child.attributes['execution.id']).toBe(root.attributes['execution.id']);
    expect(child.attributes['gen_ai.operation.name']).toBe('invoke_agent');
    expect(root.attributes['evolution.tags']).toEqual(['agent:boss', 'method:boss']);
  });

  test.each([
    ['', 1],
    ['.catch(() => {})', 0],
  ])('a rejection with the handler "%s" ends the process with %d', async (handler, exitCode) => {
    const room = JSON.stringify(join(__dirname, '../../src/instrumentation/index.ts'));
    const program = `
      const { withEvolutionTracking } = require(${room});
      const agent = withEvolutionTracking(async () => { throw new Error('nobody cares'); });
      agent()${handler};`;
    const child = spawn(process.execPath, ['-r', 'esbuild-register', '-e', program]);
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(exitCode);
  });

  test('a lazy thenable is not started before its time, and keeps its methods', async () => {
    const { tracker, spans } = recordSpans();
    class Query {
      #started = 0;
      get started(): number {
        return this.#started;
      }
      limit(): this {
        return this;
      }
      then<R>(onRows: (rows: string) => R): Promise<R> {
        this.#started += 1;
        return Promise.resolve('rows').then(onRows);
      }
    }
    const query = withEvolutionTracking(() => new Query(), { tracker })();
    expect(query).toBeInstanceOf(Query);
    await wait(5);
    expect(query.started).toBe(0);
    expect(await spans()).toEqual([]); // it has not run yet
    expect(await query.limit()).toBe('rows');
    expect(query.started).toBe(1);
    expect(await spans()).toHaveLength(1);
  });

  test('a promise with methods of its own keeps them; catch and finally work', async () => {
    const { tracker, spans } = recordSpans();
    class ApiPromise<T> extends Promise<T> {
      withResponse(): string {
        return 'response';
      }
    }
    const failure = new Error('api');
    const call = withEvolutionTracking(() => ApiPromise.reject(failure) as ApiPromise<never>, {
      tracker,
    });
    const promise = call();
    expect(promise).toBeInstanceOf(ApiPromise);
    expect(promise.withResponse()).toBe('response');
    let atLast = false;
    await expect(
      promise.finally(() => {
        atLast = true;
      }),
    ).rejects.toBe(failure);
    expect(atLast).toBe(true);
    await expect(promise.catch((error: unknown) => error)).resolves.toBe(failure);
    expect(outline(await spans()).map(([, , code]) => code)).toEqual([2]);
  });
});

describe('generators', () => {
  test('the span of an async generator ends with it, and what runs inside belongs to it', async () => {
    const { tracker, otelTracer, spans, span } = recordSpans();
    async function* agent(upTo: number): AsyncGenerator<number, string, string | undefined> {
      for (let i = 1; i <= upTo; i += 1) {
        await wait(1);
        otelTracer.startSpan(`step ${i}`).end();
        const sent = yield i;
        if (sent === 'stop') return 'stopped';
      }
      return 'done';
    }
    const run = withEvolutionTracking(agent, { tracker });
    const generator = run(2);
    expect(generator[Symbol.asyncIterator]()).toBe(generator);
    expect(Object.prototype.toString.call(generator)).toBe('[object AsyncGenerator]');
    expect(await generator.next()).toEqual({ done: false, value: 1 });
    expect((await spans()).map((s) => s.name)).toEqual(['step 1']); // the root is still open
    expect(await generator.next('stop')).toEqual({ done: true, value: 'stopped' });

    const root = await span('invoke_agent agent');
    const step = await span('step 1');
    expect(step.parentSpanId).toBe(root.spanId);
    expect(step.attributes['execution.id']).toBe(root.attributes['execution.id']);
    expect(await run(0).next()).toEqual({ done: true, value: 'done' });
  });

  test('abandoned, failed or delegated to: the same as before, and the span ends', async () => {
    const { tracker, spans } = recordSpans();
    const counter = new Counter();
    const tracked = withEvolutionTracking(counter, { tracker });
    const seen: number[] = [];
    for await (const n of tracked.stream(5)) {
      seen.push(n);
      if (n === 2) break;
    }
    expect(seen).toEqual([1, 2]);
    expect(counter.label).toBe('cleaned up');
    expect(await spans()).toHaveLength(1);

    const delegate = (async function* () {
      return yield* tracked.stream(2);
    })();
    expect(await collect(delegate)).toHaveLength(2);
    expect(await spans()).toHaveLength(2);

    const failure = new Error('in the stream');
    const failing = withEvolutionTracking(
      async function* failing() {
        yield 1;
        throw failure;
      },
      { tracker },
    );
    await expect(collect(failing())).rejects.toBe(failure);
    const codes = (await spans()).map((span) => span.status.code);
    expect(codes).toEqual([0, 0, 2]);
  });

  test('a synchronous generator', async () => {
    const { tracker, spans } = recordSpans();
    const agent = withEvolutionTracking(
      function* numbers() {
        yield 1;
        yield 2;
      },
      { tracker },
    );
    expect([...agent()]).toEqual([1, 2]);
    const [first] = agent();
    expect(first).toBe(1);
    expect(await spans()).toHaveLength(2);
  });

  test('a promise of an iterable object, as API clients give', async () => {
    const { tracker, spans } = recordSpans();
    class Chunks {
      readonly controller = 'kept';
      async *[Symbol.asyncIterator]() {
        yield 'a';
        yield 'b';
      }
    }
    const agent = withEvolutionTracking(async () => new Chunks(), { tracker });
    const chunks = await agent();
    expect(chunks).toBeInstanceOf(Chunks);
    expect(chunks.controller).toBe('kept');
    expect(await spans()).toEqual([]);
    expect(await collect(chunks)).toEqual(['a', 'b']);
    expect(await spans()).toHaveLength(1);
  });

  test('arrays, maps and strings are results like others', async () => {
    const { tracker, spans } = recordSpans();
    for (const value of [[1], new Map(), 'text', null, undefined, { next: 1 }]) {
      expect(withEvolutionTracking(() => value, { tracker })()).toBe(value);
    }
    expect(await spans()).toHaveLength(6);
  });
});

describe('streams', () => {
  test('a Node stream stays itself; its span ends with it', async () => {
    const { tracker, spans } = recordSpans();
    const source = Readable.from(['a', 'b']);
    const agent = withEvolutionTracking(() => source, { tracker });
    const stream = agent();
    expect(stream).toBe(source);
    await wait(10);
    expect(stream.readableFlowing).toBeNull(); // our listeners do not start it
    expect(await spans()).toEqual([]);
    const chunks: unknown[] = [];
    await pipeline(stream, async function (items) {
      for await (const item of items) chunks.push(item);
    });
    expect(chunks).toEqual(['a', 'b']);
    expect(await spans()).toHaveLength(1);
  });

  test('a Node stream that fails or is destroyed; our listener handles no error', async () => {
    const { tracker, spans } = recordSpans();
    const failure = new Error('broken pipe');
    const agent = withEvolutionTracking(
      (error: Error | undefined) => {
        const stream = new Readable({ read() {} });
        stream.destroy(error);
        return stream;
      },
      { tracker },
    );
    await once(agent(undefined), 'close');
    const failing = agent(failure);
    expect(failing.listenerCount('error')).toBe(0);
    const [error] = (await once(failing, 'error')) as [unknown];
    expect(error).toBe(failure);
    expect((await spans()).map((span) => span.status.code)).toEqual([0, 2]);
  });

  test('a Node stream that is over already', async () => {
    const { tracker, spans } = recordSpans();
    const source = Readable.from(['a']);
    await collect(source);
    withEvolutionTracking(() => source, { tracker })();
    await wait(10);
    expect(await spans()).toHaveLength(1);
  });

  test('a web stream: the same chunks, pulled no faster', async () => {
    const { tracker, spans } = recordSpans();
    let pulled = 0;
    const agent = withEvolutionTracking(
      () =>
        new ReadableStream<string>(
          {
            pull(controller) {
              pulled += 1;
              if (pulled <= 3) controller.enqueue(`chunk ${pulled}`);
              else controller.close();
            },
          },
          { highWaterMark: 0 },
        ),
      { tracker },
    );
    const stream = agent();
    expect(stream).toBeInstanceOf(ReadableStream);
    expect(stream.locked).toBe(false);
    await wait(5);
    expect(pulled).toBe(0);
    expect(await spans()).toEqual([]);
    expect(await new Response(stream.pipeThrough(new TextEncoderStream())).text()).toBe(
      'chunk 1chunk 2chunk 3',
    );
    expect(await spans()).toHaveLength(1);
  });

  test('a web stream that is cancelled or fails', async () => {
    const { tracker, spans } = recordSpans();
    const cancelled = jest.fn();
    const failure = new Error('upstream');
    const agent = withEvolutionTracking(
      (fails: boolean) =>
        new ReadableStream({
          pull(controller) {
            if (fails) controller.error(failure);
            else controller.enqueue(1);
          },
          cancel: cancelled,
        }),
      { tracker },
    );
    await agent(false).cancel('enough');
    expect(cancelled).toHaveBeenCalledWith('enough');
    await expect(agent(true).getReader().read()).rejects.toBe(failure);
    expect((await spans()).map((span) => span.status.code)).toEqual([0, 2]);
  });

  test('a byte stream stays one', async () => {
    const { tracker, spans } = recordSpans();
    const agent = withEvolutionTracking(
      () => {
        let sent = false;
        return new ReadableStream({
          type: 'bytes',
          pull(controller) {
            if (sent) {
              controller.close();
              controller.byobRequest?.respond(0);
            } else controller.enqueue(new Uint8Array([1, 2, 3, 4, 5]));
            sent = true;
          },
        });
      },
      { tracker },
    );
    const reader = agent().getReader({ mode: 'byob' });
    const first = await reader.read(new Uint8Array(3));
    expect([...(first.value as Uint8Array)]).toEqual([1, 2, 3]);
    const rest = await reader.read(new Uint8Array(3));
    expect([...(rest.value as Uint8Array)]).toEqual([4, 5]);
    expect((await reader.read(new Uint8Array(3))).done).toBe(true);
    expect(await spans()).toHaveLength(1);
  });
});

describe('what comes with a call', () => {
  test('evaluate judges results and errors; its own error harms nobody', async () => {
    const { tracker, spans } = recordSpans();
    const judged: unknown[] = [];
    const agent = withEvolutionTracking(
      async function agent(how: string) {
        if (how === 'fail') throw new Error('failed');
        return how;
      },
      {
        tracker,
        evaluate: (result, error) => {
          judged.push(result ?? (error as Error).message);
          if (result === 'skip') return null;
          if (result === 'angry') throw new Error('judge');
          if (result === 'late') return Promise.resolve({ value: 0.5, source: 'llm' as const });
          return error === undefined ? 1 : 0;
        },
      },
    );
    for (const how of ['good', 'skip', 'angry', 'late']) expect(await agent(how)).toBe(how);
    await expect(agent('fail')).rejects.toThrow('failed');
    expect(judged).toEqual(['good', 'skip', 'angry', 'late', 'failed']);

    const all = await spans();
    const runs = all.filter((span) => span.name === 'invoke_agent agent');
    const rewards = all
      .filter((span) => span.name === 'evolution.reward')
      .map((span) => [
        runs.findIndex((run) => run.spanId === span.links[0]?.spanId),
        span.attributes['reward.value'],
      ]);
    expect(rewards).toEqual([
      [0, 1],
      [3, 0.5],
      [4, 0],
    ]);
  });

  test('evaluate sees what a stream handed out', async () => {
    const { tracker } = recordSpans();
    const results: unknown[] = [];
    const tracked = withEvolutionTracking(new Counter(), {
      tracker,
      evaluate: (result) => void results.push(result),
    });
    await collect(tracked.stream(3));
    expect(results).toEqual([[1, 2, 3]]);
  });

  test('a stream that fails and then closes is judged once', async () => {
    const { tracker } = recordSpans();
    const failure = new Error('broken pipe');
    const evaluate = jest.fn<null, [unknown, unknown]>(() => null);
    const agent = withEvolutionTracking(() => new Readable({ read() {} }).destroy(failure), {
      tracker,
      evaluate,
    });
    const stream = agent().on('error', () => {});
    await new Promise((resolve) => stream.on('close', resolve));
    expect(evaluate.mock.calls).toEqual([[undefined, failure]]);
  });

  test('autoLearn learns after the call, never in its way', async () => {
    const order: string[] = [];
    const { tracker } = recordSpans({
      learn: async () => {
        order.push('learned');
        throw new Error('learner');
      },
    });
    const agent = withEvolutionTracking(async () => 'result', { tracker, autoLearn: true });
    order.push(await agent());
    order.push(await agent());
    await tracker.background.settled();
    expect(order).toEqual(['result', 'result', 'learned']);
  });

  test('sampleRate: a share of the calls, with all that runs inside', async () => {
    const { tracker, spans } = recordSpans();
    const inner = withEvolutionTracking(() => 1, { tracker });
    const draws = [0.1, 0.9, 0.29, 0.3];
    const agent = withEvolutionTracking(() => inner(), {
      tracker,
      sampleRate: 0.3,
      random: () => draws.shift() ?? 1,
    });
    expect([agent(), agent(), agent(), agent()]).toEqual([1, 1, 1, 1]);
    expect(await spans()).toHaveLength(4); // two calls of two spans
    expect(() => withEvolutionTracking(() => 1, { sampleRate: 2 })).toThrow(ConfigError);
  });

  test('content is written only when captured', async () => {
    const { tracker, spans } = recordSpans();
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const captureContent of [false, true]) {
      await withEvolutionTracking(async (...args: unknown[]) => ({ n: args.length }), {
        tracker,
        captureContent,
      })('question', circular);
    }
    const [without, captured] = await spans();
    expect(JSON.stringify(without?.attributes)).not.toContain('question');
    expect(JSON.parse(captured?.attributes['gen_ai.input.messages'] as string)).toEqual([
      {
        role: 'user',
        parts: [
          { type: 'text', content: 'question' },
          { type: 'text', content: 'object' },
        ],
      },
    ]);
    expect(captured?.attributes['gen_ai.output.messages']).toContain('{\\"n\\":2}');
  });

  test('a tracker that cannot be found, or throws, leaves the call as it is, once', async () => {
    const calls: number[] = [];
    const agent = withEvolutionTracking(
      (n: number) => {
        calls.push(n);
        if (n === 2) throw new Error('two');
        return n;
      },
      {
        tracker: () => {
          throw new ConfigError('not set up');
        },
      },
    );
    expect(agent(1)).toBe(1);
    expect(() => agent(2)).toThrow('two');
    expect(calls).toEqual([1, 2]);
    const { tracker } = recordSpans();
    const fails = jest.fn(() => Promise.reject(new Error('once')));
    await expect(withEvolutionTracking(fails, { tracker })()).rejects.toThrow('once');
    const throws = jest.fn((): never => {
      throw new Error('once');
    });
    expect(() => withEvolutionTracking(throws, { tracker })()).toThrow('once');
    expect([fails.mock.calls.length, throws.mock.calls.length]).toEqual([1, 1]);
  });
});
