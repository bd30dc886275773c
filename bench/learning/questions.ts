/**
 * What `compare`, `tradeoffs`, `why` and `applicable` read at most, how long they take and what they hold, whatever is
 * stored: runs are made as they are asked for, so that the figures are of the questions and not of a database.
 *
 *   --runs N   stored (100000,1000000)
 */
import { parseArgs } from 'node:util';
import { isApplicable, explainRun, findDifferences, findTradeoffs } from '../../src/learning';
import type { ClosedExecution, ExecutionStep } from '../../src/model/learning';
import type { Execution } from '../../src/model/task';
import { seededRandom } from '../../src/stats';
import { makePattern } from '../../test/support/make-pattern';
import { print } from './harness';
import { makeRun } from './streams';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '100000,1000000' } },
});
const tools = ['search', 'read', 'write', 'book', 'cancel', 'pay', 'ask', 'check'];
const tasks = 500;

/** The n-th of a stream; always the same. A tenth fail. */
function runAt(n: number): ClosedExecution {
  const random = seededRandom(`run ${n}`);
  const steps = Array.from({ length: 12 }, (_, i): ExecutionStep => {
    const tool = tools[Math.floor(random() * tools.length)]!;
    return {
      ...{ traceId: 't', spanId: String(i), parentSpanId: null, name: tool, role: 'tool', tool },
      ...{ model: null, error: false, errorType: null, toolArgumentsHash: String(i % 3) },
      ...{ requestor: null, startTimeUnixNano: BigInt(i), endTimeUnixNano: BigInt(i + 1) },
    };
  });
  return makeRun(n, {
    taskId: `task-${n % tasks}`,
    steps,
    config: { window: ['head', 'tail', 'all'][Math.floor(random() * 3)]! },
    tags: [`name-${n}`],
    outcome: { reward: n % 10 === 0 ? 0 : 1 },
    costUsd: random(),
    durationNano: 1_000_000n,
  });
}

/** As the store answers: pages, the newest first. */
function sourceOf(stored: number) {
  const counts = { listed: 0, read: 0 };
  const listed = (n: number): Execution =>
    ({
      ...{ id: `run-${String(n).padStart(7, '0')}`, closed: true, success: n % 10 !== 0 },
      agent: { id: 'agent-0' },
    }) as Execution;
  const numberOf = (id: string): number => Number(id.slice('run-'.length));
  return {
    counts,
    store: {
      getExecution: (id: string) => Promise.resolve(listed(numberOf(id))),
      listExecutions({ limit = 100, cursor, taskId }: Query) {
        const step = taskId === undefined ? 1 : tasks;
        let n = cursor === undefined ? stored - 1 : Number(cursor);
        if (taskId !== undefined && cursor === undefined) n -= n % tasks;
        const items: Execution[] = [];
        for (; n >= 0 && items.length < limit; n -= step) items.push(listed(n));
        counts.listed += items.length;
        return Promise.resolve({ items, nextCursor: n >= 0 ? String(n) : null });
      },
    },
    reader: {
      countClosedExecutions: () => Promise.resolve(stored),
      async *readClosedExecutions({ executionIds = [] }: { executionIds?: readonly string[] }) {
        for (const id of executionIds) {
          counts.read += 1;
          yield runAt(numberOf(id));
        }
      },
    },
  };
}

interface Query {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly taskId?: string | undefined;
}

const pattern = makePattern({
  predicate: {
    text: 'tool:check',
    terms: [{ kind: 'tool', key: 'check', op: 'present', value: true }],
  },
});

const questions: Readonly<
  Record<string, (source: ReturnType<typeof sourceOf>) => Promise<unknown>>
> = {
  compare: (source) => findDifferences(source, {}),
  tradeoffs: (source) => findTradeoffs(source, {}),
  applicable: (source) => isApplicable(source, pattern, { agentId: 'agent-0' }),
  why: (source) => explainRun(source, 'run-0000000', [pattern]),
};

const rows = [];
for (const stored of values.runs.split(',').map(Number)) {
  for (const [name, ask] of Object.entries(questions)) {
    const source = sourceOf(stored);
    globalThis.gc?.();
    const [before, start] = [process.memoryUsage().heapUsed, process.cpuUsage()];
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().heapUsed);
    }, 20);
    await ask(source);
    most = Math.max(most, process.memoryUsage().heapUsed);
    clearInterval(watch);
    const { user, system } = process.cpuUsage(start);
    const row = {
      ...{ question: name, stored, ...source.counts },
      cpuSeconds: Math.round((user + system) / 1e4) / 100,
      moreMiB: Math.round((most - before) / 2 ** 20),
    };
    console.error(JSON.stringify(row));
    rows.push(row);
  }
}
print({
  gate: 'the same at 1,000,000 as at 100,000; of a side at most 50,000 and a page listed, 10,000 read',
  rows,
});
