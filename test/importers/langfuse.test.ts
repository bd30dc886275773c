import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ImportedRun } from '../../src/importers';
import type { SpanRecord } from '../../src/model/span';
import { interpretSpan } from '../../src/semantics';
import { dataDir, describeWithData } from '../support/data-dir';
import { readFile, readRuns, spansOf } from './read-runs';

describeWithData('Langfuse: 20 traces of 17 frameworks', () => {
  const files = new Map<string, ImportedRun[]>();
  beforeAll(async () => {
    const folder = join(dataDir, 'langfuse-framework-traces');
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.gz'))) {
      files.set(name, await readFile(join(folder, name)));
    }
  });
  const of = (framework: string) =>
    [...files].flatMap(([name, runs]) => (name.startsWith(framework) ? runs : []));
  const all = () => spansOf([...files.values()].flat());

  it('has 20 traces and 138 observations, 41 of them with usage, and nothing is refused', () => {
    const runs = [...files.values()].flat();
    expect(runs).toHaveLength(20);
    expect(all()).toHaveLength(138);
    // Two of the files are exports of one trace.
    expect(new Set(all().map((span) => span.traceId)).size).toBe(19);
    const used = [...files].flatMap(([name, [run]]) =>
      usedObservations(name).map((index) => run?.spans[index] as SpanRecord),
    );
    expect(used).toHaveLength(41);
    const usage = /^(gen_ai\.usage|ai\.usage|llm\.token_count)\.(input|prompt)/;
    expect(
      used.filter((span) => !Object.keys(span.attributes).some((key) => usage.test(key))),
    ).toEqual([]);
    // Two of them are agents, which repeat the totals of the calls below them.
    expect(used.filter((span) => interpretSpan(span).inputTokens !== null)).toHaveLength(39);
    expect(runs.flatMap((run) => run.refused)).toEqual([]);
  });

  it('keeps the ids and the attributes that OpenTelemetry sent', () => {
    const spans = spansOf(of('crewai'));
    const chat = spans.find((span) => span.spanId === '231c43964b7e7e63');
    expect(chat).toMatchObject({
      traceId: 'a287bb31e317433610d8827617471140',
      parentSpanId: 'a8bf77474d6f9a1d',
      name: 'completion',
      startTimeUnixNano: BigInt(Date.UTC(2025, 6, 11, 7, 45, 13, 644)) * 1_000_000n,
      attributes: {
        'openinference.span.kind': 'LLM',
        'llm.model_name': 'gpt-4o-mini',
        'llm.token_count.prompt': '190',
      },
      resource: { attributes: { 'telemetry.sdk.language': 'python' } },
      scope: { name: 'openinference.instrumentation.litellm', version: '0.1.23' },
    });
    expect(chat?.attributes).not.toHaveProperty(['gen_ai.usage.input_tokens']);
    expect(chat?.attributes).not.toHaveProperty(['gen_ai.request.model']);
  });

  it('adds what Langfuse worked out where OpenTelemetry sent nothing', () => {
    const chat = spansOf(of('autogen')).find((span) => span.name === 'chat gpt-4o');
    expect(chat?.attributes).toMatchObject({
      'openinference.span.kind': 'LLM',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': 41,
      'gen_ai.usage.output_tokens': 3,
      'llm.cost.total': 0.000025,
    });
    expect(interpretSpan(chat as SpanRecord)).toMatchObject({ role: 'llm', costUsd: 0.000025 });
  });

  it('gives the root the session, user and tags of the trace', () => {
    const root = spansOf(of('llamaindex')).find((span) => span.parentSpanId === null);
    expect(root?.attributes).toMatchObject({
      'session.id': 'session_abc',
      'user.id': 'user_123',
      'evolution.tags': ['llama-index', 'rag'],
    });
  });

  it('takes the scores as judgements of an LLM on the trace', () => {
    const scores = of('beeai').flatMap((run) => run.rewards);
    expect(scores).toContainEqual(
      expect.objectContaining({
        id: 'langfuse:a9a518d9-9b3f-4c21-86d3-ead5e5bf23de',
        target: { kind: 'trace', traceId: '096fc09a30ab90d2431778f9ee2b3936' },
        name: 'hallucination',
        value: 0.2,
        source: 'llm',
      }),
    );
  });
});

/** Positions of the observations for which Langfuse shows usage. */
function usedObservations(name: string): number[] {
  const file = readFileSync(join(dataDir, 'langfuse-framework-traces', name));
  const { observations } = JSON.parse(gunzipSync(file).toString()) as {
    observations: { usageDetails: object }[];
  };
  return observations.flatMap(({ usageDetails }, index) =>
    Object.keys(usageDetails).length > 0 ? [index] : [],
  );
}

describe('a Langfuse export', () => {
  const trace = { id: 'cm-trace-1', timestamp: '2025-06-11T14:01:32.598Z' };
  const observation = {
    id: 'f1b9c1de-7f0e-4ac1-9a54-3a7b2f7a4f10',
    traceId: trace.id,
    type: 'TOOL',
    name: 'lookup',
    level: 'ERROR',
    statusMessage: 'no such order',
    startTime: '2025-06-11T14:01:32.598Z',
    endTime: '2025-06-11T14:01:33.000Z',
    input: { order: 7 },
    metadata: null,
  };

  it('hashes ids that are not of OpenTelemetry, the same way each time', async () => {
    const child = { ...observation, id: 'child', parentObservationId: observation.id };
    const text = JSON.stringify({ trace, observations: [observation, child] });
    const [first, again] = [await readRuns(text), await readRuns(text)];
    expect(again).toEqual(first);
    const [parent, nested] = spansOf(first);
    expect(parent?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(nested?.traceId).toBe(parent?.traceId);
    expect(nested?.parentSpanId).toBe(parent?.spanId);
    expect(parent?.attributes['langfuse.observation.id']).toBe(observation.id);
  });

  it('maps level, type and content of an observation without attributes', async () => {
    const [run] = await readRuns(JSON.stringify({ trace, observations: [observation] }));
    expect(run?.spans[0]).toMatchObject({
      status: { code: 2, message: 'no such order' },
      attributes: {
        'openinference.span.kind': 'TOOL',
        'tool.name': 'lookup',
        'input.value': '{"order":7}',
      },
    });
  });

  it('refuses an observation without a time by itself', async () => {
    const bad = { ...observation, id: 'bad', startTime: 'yesterday' };
    const [run] = await readRuns(JSON.stringify({ trace, observations: [bad, observation] }));
    expect(run?.spans).toHaveLength(1);
    expect(run?.refused).toEqual([
      { where: 'line 1, observation 0', reason: 'expected startTime in RFC 3339' },
    ]);
  });
});
