import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImportedRun } from '../../src/importers';
import type { SpanRecord } from '../../src/model/span';
import { dataDir, describeWithData } from '../support/data-dir';
import { readFile, spansOf } from './read-runs';

const tau2Dir = join(dataDir, 'tau2-bench');

describeWithData('tau-bench, gpt-4o on airline', () => {
  let runs: ImportedRun[];
  beforeAll(async () => {
    runs = await readFile(join(dataDir, 'tau-bench', 'gpt-4o-airline.json.gz'));
  });

  it('has 50 tasks, 200 executions, 3,818 spans and 73 tool errors, and nothing is refused', () => {
    expect(summary(runs)).toEqual({
      tasks: 50,
      executions: 200,
      rewards: 200,
      agents: ['gpt-4o'],
      spans: 3_818,
      toolErrors: 73,
      refused: 0,
    });
  });

  it('gives the published pass^k from the imported rewards', () => {
    const published = JSON.parse(
      readFileSync(join(dataDir, 'tau-bench', 'published.json'), 'utf8'),
    ) as { 'airline_TC_gpt-4o': Record<string, number> };
    for (const [name, value] of Object.entries(published['airline_TC_gpt-4o'])) {
      expect(passPower(runs, Number(name.slice('pass^'.length)))).toBeCloseTo(value, 3);
    }
  });

  it('marks its times as made up and keeps them a millisecond apart', () => {
    const [root, ...steps] = runs[0]?.spans ?? [];
    expect(root?.attributes['evolution.time.synthetic']).toBe(true);
    const durations = new Set(
      steps.map((span) => (span.endTimeUnixNano ?? 0n) - span.startTimeUnixNano),
    );
    expect(durations).toEqual(new Set([1_000_000n]));
  });

  it('counts every predicate as the reference does', () => {
    for (const candidate of candidates('tau-bench', 'candidates.gpt-4o-airline.json')) {
      expect(count(runs, candidate.predicate)).toEqual(candidate);
    }
  });
});

describeWithData('tau2-bench, eleven files', () => {
  const files = new Map<string, ImportedRun[]>();
  beforeAll(async () => {
    for (const name of readdirSync(tau2Dir).filter((file) => /^(ab_|airline).*gz$/.test(file))) {
      files.set(name, await readFile(join(tau2Dir, name)));
    }
  });

  it('have 117 tasks, 464 executions, 464 rewards, 9 agents, 11,851 spans, 133 tool errors', () => {
    expect(files.size).toBe(11);
    expect(summary([...files.values()].flat())).toMatchObject({
      tasks: 117,
      executions: 464,
      rewards: 464,
      agents: { length: 9 },
      spans: 11_851,
      toolErrors: 133,
      refused: 0,
    });
  });

  it('have no id twice', () => {
    const spans = spansOf([...files.values()].flat());
    expect(new Set(spans.map((span) => span.traceId + span.spanId)).size).toBe(spans.length);
  });

  it('keep real times: no span ends before it starts, none leaves its root', () => {
    for (const { spans } of [...files.values()].flat()) {
      const root = spans[0] as SpanRecord;
      for (const span of spans) {
        const end = span.endTimeUnixNano ?? 0n;
        const inOrder =
          root.startTimeUnixNano <= span.startTimeUnixNano &&
          span.startTimeUnixNano <= end &&
          end <= (root.endTimeUnixNano ?? 0n);
        if (!inOrder) throw new Error(`${span.traceId} ${span.spanId}: times out of order`);
      }
    }
  });

  it('say a status only by the reason of the end', () => {
    const statuses = new Map<unknown, number>();
    for (const { spans } of [...files.values()].flat()) {
      const status = spans[0]?.attributes['execution.status'];
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(statuses).toEqual(
      new Map([
        ['completed', 442],
        ['timed_out', 10],
        ['failed', 12],
      ]),
    );
  });

  it('leave the cost unknown where it is 0 or null', () => {
    const costOf = (name: string) => files.get(name)?.[0]?.spans[0]?.attributes['execution.cost'];
    expect(costOf('ab_airline.gpt-4.1.json.gz')).toBe(0.02746);
    expect(costOf('ab_airline.gpt-4.1-sft.json.gz')).toBeUndefined();
    expect(costOf('airline.whissle.json.gz')).toBeUndefined();
  });

  it('lose the key that stood in the settings and keep the settings', () => {
    const root = files.get('airline.langchain_gpt-oss-120b.json.gz')?.[0]?.spans[0];
    expect(JSON.parse(root?.attributes['agent.config'] as string)).toEqual({
      base_url: 'https://api.tokenfactory.nebius.com/v1/',
      temperature: 0,
    });
  });

  it('keep who asked for a tool', () => {
    const tools = spansOf(files.get('ab_telecom.gpt-4.1.json.gz') ?? []).filter(isTool);
    expect(new Set(tools.map((span) => span.attributes.requestor))).toEqual(
      new Set(['user', 'assistant']),
    );
  });

  it('counts every predicate over the seven airline files as the reference does', () => {
    const airline = [...files].filter(([name]) => name.startsWith('airline.'));
    const runs = airline.flatMap(([, ofFile]) => ofFile);
    for (const candidate of candidates('tau2-bench', 'candidates.airline-7-agents.json')) {
      expect(count(runs, candidate.predicate)).toEqual(candidate);
    }
  });
});

interface Candidate {
  readonly predicate: string;
  n_with: number;
  n_without: number;
  successes_with: number;
  successes_without: number;
}

function candidates(folder: string, file: string): Candidate[] {
  const text = readFileSync(join(dataDir, folder, file), 'utf8');
  const all = (JSON.parse(text) as { candidates: Candidate[] }).candidates;
  expect(all.length).toBeGreaterThan(40);
  return all.map(({ predicate, n_with, successes_with, n_without, successes_without }) => ({
    predicate,
    n_with,
    successes_with,
    n_without,
    successes_without,
  }));
}

/** What the reference says a predicate means, read off the spans in their stored order. */
function count(runs: readonly ImportedRun[], predicate: string): Candidate {
  const result = { predicate, n_with: 0, successes_with: 0, n_without: 0, successes_without: 0 };
  for (const run of runs) {
    const success = run.rewards[0]?.value === 1 ? 1 : 0;
    if (holds(predicate, toolCalls(run))) {
      result.n_with += 1;
      result.successes_with += success;
    } else {
      result.n_without += 1;
      result.successes_without += success;
    }
  }
  return result;
}

interface Call {
  readonly tool: string;
  readonly failed: boolean;
}

function toolCalls({ spans }: ImportedRun): Call[] {
  return [...spans]
    .filter(isTool)
    .sort(
      (a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano) || (a.spanId < b.spanId ? -1 : 1),
    )
    .map((span) => ({
      tool: span.attributes['gen_ai.tool.name'] as string,
      failed: span.status.code === 2,
    }));
}

function holds(predicate: string, calls: readonly Call[]): boolean {
  const [kind = '', rest = ''] = predicate.split(/:(.*)/s);
  const errors = calls.filter((call) => call.failed).length;
  const [name = '', times] = rest.split('>=');
  switch (kind) {
    case 'any_tool_error':
      return errors > 0;
    case 'tool_errors>=2':
      return errors >= 2;
    case 'no_tool_calls':
      return calls.length === 0;
    case 'retry_after_error':
      return calls.some((call, at) => call.failed && calls[at + 1]?.tool === call.tool);
    case 'error':
      return calls.some((call) => call.failed && call.tool === rest);
    case 'last':
      return calls.at(-1)?.tool === rest;
    case 'bigram':
      return calls.some((call, at) => `${call.tool}>${calls[at + 1]?.tool}` === rest);
    case 'tool':
      return calls.filter((call) => call.tool === name).length >= Number(times ?? 1);
    default:
      throw new Error(`the reference has a predicate that this test does not know: ${predicate}`);
  }
}

function summary(runs: readonly ImportedRun[]) {
  const spans = spansOf(runs);
  const values = (key: string) => new Set(spans.map((span) => span.attributes[key]));
  return {
    tasks: values('task.id').size,
    executions: values('execution.id').size,
    rewards: new Set(runs.flatMap((run) => run.rewards.map((reward) => reward.id))).size,
    agents: [...new Set(spans.map((span) => span.resource.attributes['agent.id']))],
    spans: spans.length,
    toolErrors: spans.filter((span) => isTool(span) && span.status.code === 2).length,
    refused: runs.flatMap((run) => run.refused).length,
  };
}

function isTool(span: SpanRecord): boolean {
  return span.attributes['gen_ai.operation.name'] === 'execute_tool';
}

/** Mean over tasks of C(c, k) / C(n, k): c of a task's n runs succeeded (the tau-bench paper). */
function passPower(runs: readonly ImportedRun[], k: number): number {
  const tasks = new Map<unknown, { n: number; c: number }>();
  for (const { spans, rewards } of runs) {
    const id = spans[0]?.attributes['task.id'];
    const task = tasks.get(id) ?? { n: 0, c: 0 };
    tasks.set(id, { n: task.n + 1, c: task.c + (rewards[0]?.value === 1 ? 1 : 0) });
  }
  const chances = [...tasks.values()].map(({ n, c }) => choose(c, k) / choose(n, k));
  return chances.reduce((sum, chance) => sum + chance, 0) / tasks.size;
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 0; i < k; i += 1) ways = (ways * (n - i)) / (i + 1);
  return ways;
}
