import { createEvolution, type SpanRecord } from '../../src/index';
import type { Attributes } from '../../src/model/attributes';
import {
  attributes,
  makeSpan,
  spanId,
  testResource,
  testScope,
  traceId,
} from '../support/make-span';
import { newDatabaseFile } from '../support/stored-bytes';

const secretOf = (n: number): string => `sk-proj-abcdefgh12345678${String(n).padStart(4, '0')}`;

const event = (name: string, values: Attributes) => ({
  name,
  timeUnixNano: 1n,
  attributes: attributes(values),
  droppedAttributesCount: 0,
});
const link = (change: Partial<SpanRecord['links'][number]>) => ({
  traceId: traceId(900),
  spanId: spanId(900),
  traceState: null,
  attributes: attributes({}),
  droppedAttributesCount: 0,
  flags: 0,
  ...change,
});
const with_ = (values: Attributes): Partial<SpanRecord> => ({ attributes: attributes(values) });
const reward = (values: Attributes): Partial<SpanRecord> => ({
  name: 'evolution.reward',
  links: [link({})],
  attributes: attributes({ 'reward.value': 1, ...values }),
});

/** Where a text of the sender is stored. */
const places: Readonly<Record<string, (secret: string) => Partial<SpanRecord>>> = {
  'span name': (s) => ({ name: `call ${s}` }),
  'status message': (s) => ({ status: { code: 2, message: `401 for ${s}` } }),
  'trace state': (s) => ({ traceState: `vendor=${s}` }),
  'attribute value': (s) => with_({ note: s }),
  'attribute key': (s) => with_({ [`header.${s}`]: 'x' }),
  'attribute list': (s) => with_({ notes: ['a', s] }),
  'attribute map': (s) => with_({ note: { map: attributes({ deep: s }) } }),
  'key in a map': (s) => with_({ note: { map: attributes({ [s]: 'x' }) } }),
  'attribute bytes': (s) => with_({ note: { bytes: btoa(`key ${s}`) } }),
  'URL with a query string': (s) =>
    with_({ 'url.full': `https://example.com/?api_key=${s}&page=2` }),
  'URL with a password': (s) => with_({ 'url.full': `https://user:${s}@example.com/` }),
  'JSON in an attribute': (s) => with_({ note: JSON.stringify({ password: s }) }),
  'header attribute': (s) => with_({ 'http.request.header.authorization': [`Bearer ${s}`] }),
  'event name': (s) => ({ events: [event(`got ${s}`, {})] }),
  'event attribute': (s) => ({ events: [event('note', { text_id: s })] }),
  'event attribute key': (s) => ({ events: [event('note', { [s]: 1 })] }),
  'exception message': (s) => ({
    events: [event('exception', { 'exception.message': `no ${s}` })],
  }),
  'exception stack': (s) => ({
    events: [event('exception', { 'exception.stacktrace': `Error: ${s}\n    at f (a.js:1:1)` })],
  }),
  'exception type': (s) => ({
    status: { code: 2, message: null },
    events: [event('exception', { 'exception.type': s })],
  }),
  'link attribute': (s) => ({ links: [link({ attributes: attributes({ note: s }) })] }),
  'link type': (s) => ({ links: [link({ attributes: attributes({ 'link.type': s }) })] }),
  'link trace state': (s) => ({ links: [link({ traceState: `vendor=${s}` })] }),
  'link query value': (s) =>
    with_({
      'agentlightning.link.0.key_match': 'customer.id',
      'agentlightning.link.0.value_match': s,
    }),
  'link query key': (s) =>
    with_({ 'agentlightning.link.0.key_match': s, 'agentlightning.link.0.value_match': 'x' }),
  'resource attribute': (s) => ({
    resource: { ...testResource, attributes: attributes({ 'process.command_line': `run ${s}` }) },
  }),
  'resource schema URL': (s) => ({
    resource: { ...testResource, schemaUrl: `https://example.com/?token=${s}` },
  }),
  'scope name': (s) => ({ scope: { ...testScope, name: `scope ${s}` } }),
  'scope version': (s) => ({ scope: { ...testScope, version: s } }),
  'scope attribute': (s) => ({ scope: { ...testScope, attributes: attributes({ note: s }) } }),
  'scope schema URL': (s) => ({
    scope: { ...testScope, schemaUrl: `https://example.com/?sig=${s}` },
  }),
  'task id': (s) => with_({ 'task.id': `task ${s}`, 'execution.id': 'e-1' }),
  'task type': (s) => with_({ 'task.id': 't-2', 'task.type': s }),
  'execution id': (s) => with_({ 'execution.id': `run ${s}` }),
  'session id': (s) => with_({ 'task.id': 't-3', 'session.id': s }),
  'agent id': (s) => with_({ 'task.id': 't-4', 'agent.id': s }),
  'agent name and version': (s) => with_({ 'task.id': 't-5', 'agent.name': s, 'agent.version': s }),
  'model name': (s) => with_({ 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': s }),
  'tool name': (s) => with_({ 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': s }),
  'error type': (s) => with_({ 'error.type': s }),
  tag: (s) => with_({ 'task.id': 't-6', 'evolution.tags': [s] }),
  'configuration value': (s) =>
    with_({ 'task.id': 't-7', 'agent.config': JSON.stringify({ base: s, api_key: s }) }),
  'configuration knob': (s) => with_({ 'task.id': 't-8', [`evolution.config.${s}`]: 'x' }),
  propensity: (s) => with_({ 'task.id': 't-9', [`evolution.propensity.${s}`]: 0.5 }),
  experiment: (s) => with_({ 'task.id': 't-10', 'evolution.experiment.id': s }),
  'experiment variant': (s) => with_({ 'task.id': 't-11', 'evolution.variant': s }),
  'reward feedback': (s) => reward({ 'reward.feedback': `leaked ${s}` }),
  'reward label': (s) => reward({ 'reward.label': s }),
  'reward evaluator': (s) => reward({ 'reward.evaluator': s }),
  'reward name': (s) => reward({ 'reward.name': s }),
  'reward id': (s) => reward({ 'reward.id': s }),
  'reward that it supersedes': (s) => reward({ 'reward.supersedes': s }),
  'reward dimension': (s) => reward({ [`reward.dimension.${s}`]: 0.5 }),
  'reward target': (s) => reward({ 'reward.target.task_id': s }),
  'tags of a carrier': (s) => ({
    name: 'evolution.tags',
    links: [link({})],
    attributes: attributes({ 'evolution.tags': [s] }),
  }),
};

const names = Object.keys(places);

describe('no secret is stored', () => {
  test(`from ${names.length} places of a span, at least 37`, async () => {
    expect(names.length).toBeGreaterThanOrEqual(37);
    const database = newDatabaseFile();
    const evolution = await createEvolution({ databaseUrl: database.url, captureContent: true });
    const spans = names.map((name, n) =>
      makeSpan({ traceId: traceId(n + 1), spanId: spanId(n + 1), ...places[name]?.(secretOf(n)) }),
    );
    const { refused } = await evolution.store.recordSpanBatch(spans);
    await evolution.learner.learn();
    await evolution.close();
    expect(refused).toEqual([]);
    const bytes = database.stored();
    const leaking = names.filter(
      (_, n) => bytes.includes(secretOf(n)) || bytes.includes(btoa(`key ${secretOf(n)}`)),
    );
    expect(leaking).toEqual([]);
  });

  test('from what is written by hand', async () => {
    const database = newDatabaseFile();
    const evolution = await createEvolution({ databaseUrl: database.url, captureContent: true });
    const { store } = evolution;
    await store.recordSpan(makeSpan());
    const address = { traceId: makeSpan().traceId, spanId: makeSpan().spanId };
    const s = secretOf;
    const task = await store.createTask({
      id: `task ${s(1)}`,
      type: s(2),
      input: s(3),
      agentId: s(4),
      sessionId: s(5),
      tags: [s(6)],
    });
    await store.updateTask(task.id, { type: s(7), input: s(8), tags: [s(9)] });
    const execution = await store.createExecution({
      id: `run ${s(10)}`,
      taskId: task.id,
      agent: { id: s(11), name: s(12), version: s(13), type: s(14) },
      config: attributes({ api_key: 'plain-words', base: s(15), [s(16)]: 1 }),
      tags: [s(17)],
    });
    await store.updateExecution(execution.id, { tags: [s(18)] });
    await store.tagSpan(address, [s(19)]);
    await store.createLink(address, {
      target: { kind: 'query', matches: [{ key: 'customer.id', value: s(20) }] },
      type: s(21),
      attributes: attributes({ note: s(22), password: 'plain-words' }),
      tags: [s(23)],
    });
    await store.recordReward({
      id: s(24),
      target: { kind: 'task', taskId: task.id },
      name: s(25),
      value: 1,
      rawValue: 1,
      dimensions: { [s(26)]: 1 },
      feedback: s(27),
      label: s(28),
      source: 'human',
      evaluator: s(29),
      timestampUnixNano: 1n,
      supersedes: s(30),
    });
    await evolution.close();
    const bytes = database.stored();
    const leaking = Array.from({ length: 30 }, (_, n) => n + 1).filter((n) => bytes.includes(s(n)));
    expect(leaking).toEqual([]);
    expect(bytes).not.toContain('plain-words');
  });

  test.each([false, true])(
    'the config of an execution and the attributes of a link made by hand were stored unmasked: captured content %s',
    async (captureContent) => {
      const database = newDatabaseFile();
      const evolution = await createEvolution({ databaseUrl: database.url, captureContent });
      const { store } = evolution;
      const config = attributes({ api_key: 'plain-words', temperature: 0.5 });
      const { id: taskId } = await store.createTask({});
      const execution = await store.createExecution({ id: 'run', taskId, config });
      expect(execution.config).toMatchObject({ api_key: '[masked]', temperature: 0.5 });
      const from = { traceId: traceId(1), spanId: spanId(1) };
      const link = await store.createLink(from, {
        target: { kind: 'span', traceId: traceId(2), spanId: spanId(2) },
        type: 'related',
        attributes: attributes({ password: 'plain-words' }),
        tags: [],
      });
      expect(link.attributes).toMatchObject({ password: '[masked]' });
      await evolution.close();
      expect(database.stored()).not.toContain('plain-words');
    },
  );

  test('two ids with different secrets stay two tasks', async () => {
    const { url } = newDatabaseFile();
    const evolution = await createEvolution({ databaseUrl: url });
    const { store } = evolution;
    const [a, b, again] = [secretOf(1), secretOf(2), secretOf(1)].map((id, n) =>
      makeSpan({ traceId: traceId(n + 1), spanId: spanId(n + 1), ...with_({ 'task.id': id }) }),
    );
    await store.recordSpanBatch([a, b, again].filter((span) => span !== undefined));
    expect((await store.listTasks({})).items).toHaveLength(2);
    await evolution.close();
  });

  test('a link by a query for a secret finds no span that had another one', async () => {
    const { url } = newDatabaseFile();
    const evolution = await createEvolution({ databaseUrl: url });
    const { store } = evolution;
    await store.recordSpan(makeSpan({ ...with_({ 'customer.key': secretOf(1) }) }));
    const asking = makeSpan({
      traceId: traceId(2),
      spanId: spanId(2),
      ...with_({
        'agentlightning.link.0.key_match': 'customer.key',
        'agentlightning.link.0.value_match': secretOf(2),
      }),
    });
    await store.recordSpan(asking);
    expect((await store.queryLinks({})).items).toMatchObject([{ resolved: false }]);
    await evolution.close();
  });
});
