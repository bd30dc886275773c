import { ConfigError } from '../../src/errors';
import { TrackEvolution } from '../../src/instrumentation';
import { recordSpans, useAsyncContext } from './record-spans';

useAsyncContext();

test('as a standard decorator: private fields, this, static and private methods', async () => {
  const { tracker, spans } = recordSpans();
  class Agent {
    #secret = 7;
    @TrackEvolution({ tracker })
    async answer(plus: number): Promise<number> {
      return this.#secret + plus + this.#double(1);
    }
    @TrackEvolution({ tracker, autoTags: ['static'] })
    static make(): Agent {
      return new this();
    }
    @TrackEvolution({ tracker })
    #double(n: number): number {
      return 2 * n;
    }
  }
  const agent = Agent.make();
  expect(agent).toBeInstanceOf(Agent);
  await expect(agent.answer(1)).resolves.toBe(10);
  expect(agent.answer.name).toBe('answer');
  expect((await spans()).map((s) => [s.name, s.attributes['operation.type']])).toEqual([
    ['invoke_agent Agent', 'make'],
    ['invoke_agent Agent', '#double'],
    ['invoke_agent Agent', 'answer'],
  ]);
});

test('as a legacy decorator: the descriptor stays what it was but for the method', async () => {
  const { tracker, spans } = recordSpans();
  const failure = new Error('legacy');
  class Agent {
    readonly mood = 'fine';
    run(fails: boolean): string {
      if (fails) throw failure;
      return this.mood;
    }
  }
  // What TypeScript emits for @TrackEvolution(…) run() under experimentalDecorators.
  const descriptor = Object.getOwnPropertyDescriptor(Agent.prototype, 'run');
  const decorated = TrackEvolution({ tracker })(Agent.prototype, 'run', descriptor ?? {});
  Object.defineProperty(Agent.prototype, 'run', decorated);

  const agent = new Agent();
  expect(agent.run(false)).toBe('fine');
  expect(() => agent.run(true)).toThrow(failure);
  expect(Object.keys(Agent.prototype)).toEqual([]); // not enumerable, as before
  expect((await spans()).map((s) => [s.name, s.status.code])).toEqual([
    ['invoke_agent Agent', 0],
    ['invoke_agent Agent', 2],
  ]);
});

test('on anything but a method it says what it wants', () => {
  const decorate = TrackEvolution() as (...args: unknown[]) => unknown;
  expect(() => decorate(undefined, { kind: 'field', name: 'x' })).toThrow(ConfigError);
  expect(() => decorate({}, 'getter', { get: () => 1 })).toThrow(ConfigError);
});
