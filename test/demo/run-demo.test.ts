import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runDemo, type DemoOptions, type DemoProgress } from '../../src/demo';
import { createEvolution, type Evolution } from '../../src/index';
import { completionChunks, startChatServer, streamEvents } from './chat-server';
import { makeInstalledRoot, mitText } from './make-packages';

const files: Record<string, string | object> = {};
for (let i = 0; i < 12; i += 1) {
  const name = `package-${i}`;
  const isEsm = i % 3 === 0;
  files[`${name}/package.json`] = {
    name,
    version: '1.0.0',
    license: i % 2 === 0 ? 'MIT' : 'ISC',
    dependencies: { [`dep-${i}`]: '1' },
    ...(isEsm ? { type: 'module' } : {}),
  };
  files[`${name}/index.js`] = isEsm
    ? `export * from 'dep-${i}';\n`
    : `module.exports = require('dep-${i}');\n`;
  files[`${name}/LICENSE`] = mitText;
}
const installed = makeInstalledRoot(files);
const folder = mkdtempSync(join(tmpdir(), 'demo-run-'));
afterAll(() => {
  installed.remove();
  rmSync(folder, { recursive: true });
});

let databases = 0;
async function withDatabase<T>(work: (evolution: Evolution) => Promise<T>): Promise<T> {
  databases += 1;
  const evolution = await createEvolution({
    databaseUrl: `sqlite:${join(folder, `${databases}.db`)}`,
  });
  try {
    return await work(evolution);
  } finally {
    await evolution.close();
  }
}

test('runs, retries and rewards are in the store, and nowhere a span is lost', () =>
  withDatabase(async (evolution) => {
    const sentences: string[] = [];
    const progress: DemoProgress[] = [];
    const result = await runDemo({
      evolution,
      root: installed.root,
      seed: 2,
      executions: 40,
      concurrency: 8,
      onStart: (sentence) => sentences.push(sentence),
      onProgress: (step) => progress.push(step),
    });
    expect(sentences).toEqual([`Found 12 packages in ${installed.root}: 20 questions, 40 runs.`]);
    expect(result).toMatchObject({ packages: 12, tasks: 20, executions: 40, failures: 0 });
    expect(result.retries).toBeGreaterThan(0);
    expect(result.rewards).toBe(40 + result.retries);
    expect(result.droppedSpans).toBe(0);
    expect(progress.filter(({ phase }) => phase === 'runs').at(-1)).toEqual({
      phase: 'runs',
      done: 40,
      total: 40,
    });

    const totals = await evolution.store.getTotals();
    expect(totals).toMatchObject({ tasks: 20, executions: 40 + result.retries });
    expect(totals.rewards).toBe(result.rewards);
    expect(result.exportedSpans).toBe(totals.spans);

    const { items } = await evolution.store.listExecutions({ limit: 1000 });
    const first = items.filter(({ attempt }) => attempt === 1);
    expect(first).toHaveLength(40);
    const runs = new Map<string, number[]>();
    for (const { taskId, replication } of first) {
      runs.set(taskId, [...(runs.get(taskId) ?? []), replication].sort());
    }
    const replicated = [...runs.values()].map((list) => list.join(''));
    expect(replicated.filter((list) => list === '012')).toHaveLength(10);
    expect(replicated.filter((list) => list === '0')).toHaveLength(10);
    for (const { config, rewards, agent, toolCalls } of items) {
      expect(Object.keys(config ?? {}).sort()).toEqual([
        'effort',
        'first_file',
        'greeting',
        'normalise',
        'scan',
        'window',
      ]);
      expect(rewards['reward']).toBeGreaterThanOrEqual(0);
      expect(rewards['thrift']).toBeGreaterThan(0);
      expect(agent.id).toBe('package-agent');
      expect(toolCalls).toBeGreaterThan(0);
    }
  }));

test('concurrent runs never mix, and the learner gets knobs, propensities and facts', () =>
  withDatabase(async (evolution) => {
    const options = { evolution, root: installed.root, seed: 3, executions: 40, concurrency: 8 };
    await runDemo(options);
    await evolution.learner.learn();
    let read = 0;
    for await (const execution of evolution.store.readClosedExecutions({})) {
      read += 1;
      expect(execution.propensities).toMatchObject({ window: 1 / 3, effort: 1 / 2 });
      expect(execution.rootAttributes['package.module_system']).toMatch(/^(?:cjs|esm)$/);
      expect(execution.attemptsUnknown).toBe(false);
      const calls = execution.steps.filter(({ role }) => role === 'tool');
      expect(calls.length).toBeGreaterThan(0);
      for (const call of calls) {
        expect(call.traceId).toBe(execution.rootSpan?.traceId);
        expect(call.toolArgumentsHash).not.toBeNull();
        expect(call.errorType).toBe(call.error ? 'missing' : null);
      }
    }
    expect(read).toBeGreaterThanOrEqual(40);
  }));

test('the same seed does the same whatever the concurrency', async () => {
  const outcomes = async (concurrency: number): Promise<readonly string[]> =>
    withDatabase(async (evolution) => {
      await runDemo({ evolution, root: installed.root, seed: 5, executions: 30, concurrency });
      const { items } = await evolution.store.listExecutions({ limit: 1000 });
      return items
        .map(({ taskId, attempt, replication, config, rewards, toolCalls }) =>
          JSON.stringify([taskId, attempt, replication, config, rewards, toolCalls]),
        )
        .sort();
    });
  expect(await outcomes(8)).toEqual(await outcomes(1));
});

test('too few packages are said, none is an error', () =>
  withDatabase(async (evolution) => {
    const sentences: string[] = [];
    const onStart = (sentence: string): void => void sentences.push(sentence);
    const options: DemoOptions = { evolution, seed: 1, executions: 1_000, onStart };
    const { executions } = await runDemo({ ...options, root: installed.root });
    expect(executions).toBeLessThan(100);
    expect(sentences[0]).toContain('too few packages for the 1000 runs');
    await expect(runDemo({ ...options, root: folder })).rejects.toThrow('there is no package');
    await expect(runDemo({ ...options, root: join(folder, 'none') })).rejects.toThrow('is none');
  }));

test('an aborted demo ends after the runs under way', () =>
  withDatabase(async (evolution) => {
    const abort = new AbortController();
    const { executions } = await runDemo({
      evolution,
      root: installed.root,
      executions: 40,
      concurrency: 2,
      signal: abort.signal,
      onProgress: ({ done }) => done === 5 && abort.abort(),
    });
    expect(executions).toBeLessThan(10);
  }));

test('with a model, the model chooses the tools', () =>
  withDatabase(async (evolution) => {
    // Reads index.js, then answers with what the file requires, exports or imports from.
    const server = await startChatServer((request, response) => {
      const last = request.messages.at(-1);
      if (last?.role !== 'tool') {
        const start = { index: 0, id: 'call_1', type: 'function' };
        return streamEvents(
          response,
          completionChunks(
            [
              { tool_calls: [{ ...start, function: { name: 'read_file', arguments: '' } }] },
              { tool_calls: [{ index: 0, function: { arguments: '{"path":"ind' } }] },
              { tool_calls: [{ index: 0, function: { arguments: 'ex.js"}' } }] },
            ],
            'tool_calls',
          ),
          { pieceBytes: 50 },
        );
      }
      const name = /['"](dep-\d+)['"]/.exec(last.content)?.[1] ?? 'unknown';
      const answer = [{ content: 'The answer is ["' }, { content: `${name}"].` }];
      return streamEvents(response, completionChunks(answer, 'stop'));
    });
    try {
      const model = { baseUrl: server.baseUrl, apiKey: 'sk-test', model: 'tiny' };
      const result = await runDemo({ evolution, root: installed.root, executions: 20, model });
      expect(result.failures).toBe(0);
      const dependencies = result.byType.find(({ type }) => type === 'dependencies');
      expect(dependencies?.meanAccuracy).toBe(1);
      const { items } = await evolution.store.listExecutions({ limit: 1000 });
      for (const { agent, llmCalls, toolCalls, inputTokens, outputTokens } of items) {
        expect(agent.id).toBe('package-agent-with-model');
        expect([llmCalls, toolCalls, inputTokens, outputTokens]).toEqual([2, 1, 22, 10]);
      }
      const { items: chats } = await evolution.store.querySpans({ role: 'llm', limit: 10 });
      expect(chats[0]).toMatchObject({ name: 'chat tiny', model: 'tiny' });
    } finally {
      await server.close();
    }
  }));

test('a model that cannot be asked fails the run and nothing else', () =>
  withDatabase(async (evolution) => {
    let requests = 0;
    const server = await startChatServer((_request, response) => {
      requests += 1;
      if (requests % 2 === 0) return void response.writeHead(500).end('down');
      return streamEvents(response, completionChunks([{ content: '["MIT"]' }], 'stop'));
    });
    try {
      const model = { baseUrl: server.baseUrl, apiKey: 'sk-test', model: 'tiny' };
      const result = await runDemo({
        evolution,
        root: installed.root,
        executions: 20,
        concurrency: 1,
        model,
      });
      expect(result.failures).toBeGreaterThan(5);
      expect(result.rewards).toBe(result.executions + result.retries - result.failures);
      const { items } = await evolution.store.listExecutions({ limit: 1000 });
      expect(items.filter(({ status }) => status === 'failed')).toHaveLength(result.failures);
    } finally {
      await server.close();
    }
  }));
