import { Readable } from 'node:stream';

/** What an agent can be, as its caller sees it: works, fails, streams. Each gives a transcript that is the same each time. */
export interface AgentKind {
  readonly name: string;
  /** Makes the agent anew: a transcript must not depend on an earlier call. */
  readonly make: () => object;
  readonly use: (agent: never) => unknown;
}

const answer = Object.freeze({ answer: 42 });
const failure = new Error('the agent failed');

/** Says what came back, with identity: the very object, the very error. */
function said(work: () => unknown): unknown {
  try {
    return describe(work());
  } catch (error) {
    return error === failure ? 'threw its own error' : `threw ${String(error)}`;
  }
}

async function saidLater(work: () => unknown): Promise<unknown> {
  try {
    return describe(await work());
  } catch (error) {
    return error === failure ? 'rejected with its own error' : `rejected ${String(error)}`;
  }
}

const describe = (value: unknown): unknown => (value === answer ? 'its own answer' : value);

class Planner {
  #calls = 0;
  readonly name = 'planner';
  run(question: string): string {
    this.#calls += 1;
    return `${question} ${this.call('x')} ${this.#calls}`;
  }
  call(text: string): string {
    return `tool(${text})`;
  }
}

export const agents: readonly AgentKind[] = [
  { name: 'returns', make: () => () => answer, use: (agent: () => unknown) => said(agent) },
  {
    name: 'throws',
    make: () => () => {
      throw failure;
    },
    use: (agent: () => unknown) => said(agent),
  },
  {
    name: 'resolves',
    make: () => async () => {
      await Promise.resolve();
      return answer;
    },
    use: (agent: () => unknown) => saidLater(agent),
  },
  {
    name: 'rejects',
    make: () => async () => {
      await Promise.resolve();
      throw failure;
    },
    use: (agent: () => unknown) => saidLater(agent),
  },
  {
    name: 'generates',
    make: () =>
      function* () {
        const got = (yield 1) as unknown;
        yield got;
        return answer;
      },
    use: (agent: () => Generator) =>
      said(() => {
        const steps = agent();
        return JSON.stringify([steps.next(), steps.next('in'), steps.next(), steps.next()]);
      }),
  },
  {
    name: 'generates and is left',
    make: () =>
      async function* () {
        yield 1;
        yield 2;
        yield 3;
      },
    use: (agent: () => AsyncGenerator) =>
      saidLater(async () => {
        for await (const item of agent()) if (item === 2) return `left at ${item}`;
        return 'not left';
      }),
  },
  {
    name: 'fails in the middle',
    make: () =>
      async function* () {
        yield 1;
        throw failure;
      },
    use: (agent: () => AsyncGenerator) =>
      saidLater(async () => {
        const items: unknown[] = [];
        for await (const item of agent()) items.push(item);
        return items;
      }),
  },
  {
    name: 'streams for Node',
    make: () => () => Readable.from(['a', 'b']),
    use: (agent: () => Readable) =>
      saidLater(async () => {
        const items: unknown[] = [];
        for await (const item of agent()) items.push(item);
        return items.join();
      }),
  },
  {
    name: 'streams for the web',
    make: () => () => new Response('text of the answer').body!,
    use: (agent: () => ReadableStream) => saidLater(() => new Response(agent()).text()),
  },
  {
    name: 'is an object',
    make: () => new Planner(),
    use: (agent: Planner) =>
      said(() => [agent.run('q'), agent.run('q'), agent instanceof Planner].join()),
  },
  {
    name: 'is lazy',
    make: () => () => ({
      then: (resolve: (value: unknown) => void) => {
        setImmediate(() => resolve(answer));
      },
    }),
    use: (agent: () => PromiseLike<unknown>) => saidLater(agent),
  },
];
