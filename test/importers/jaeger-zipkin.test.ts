import type { SpanRecord } from '../../src/model/span';
import { attributes } from '../support/make-span';
import { readRuns, spansOf } from './read-runs';

const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const start = 1_763_812_800_123_456_000n;

/** What was sent over OTLP; the shapes below are how the two backends give it back. */
const sent: Partial<SpanRecord> = {
  ...ids,
  parentSpanId: '00f067aa0ba902b7',
  traceState: 'vendor=1',
  name: 'execute_tool search',
  startTimeUnixNano: start,
  endTimeUnixNano: start + 2_000_000n,
  status: { code: 2, message: 'not found' },
};

describe('Jaeger UI JSON', () => {
  const span = {
    traceID: ids.traceId,
    spanID: ids.spanId,
    operationName: 'execute_tool search',
    references: [
      { refType: 'CHILD_OF', traceID: ids.traceId, spanID: '00f067aa0ba902b7' },
      { refType: 'FOLLOWS_FROM', traceID: 'ff', spanID: 'fe' },
    ],
    startTime: 1763812800123456,
    duration: 2000,
    tags: [
      { key: 'gen_ai.tool.name', type: 'string', value: 'search' },
      { key: 'gen_ai.usage.input_tokens', type: 'int64', value: 110 },
      { key: 'large', type: 'int64', value: '9223372036854775222' },
      { key: 'score', type: 'float64', value: 1 },
      { key: 'ok', type: 'bool', value: true },
      { key: 'blob', type: 'binary', value: 'AAAwOQ==' },
      { key: '__proto__', type: 'string', value: 'hostile' },
      { key: 'span.kind', type: 'string', value: 'client' },
      { key: 'w3c.tracestate', type: 'string', value: 'vendor=1' },
      { key: 'otel.scope.name', type: 'string', value: 'my-agent' },
      { key: 'otel.scope.version', type: 'string', value: '1.2.0' },
      { key: 'otel.status_code', type: 'string', value: 'ERROR' },
      { key: 'error', type: 'bool', value: true },
      { key: 'otel.status_description', type: 'string', value: 'not found' },
    ],
    logs: [
      {
        timestamp: 1763812800123457,
        fields: [
          { key: 'event', type: 'string', value: 'exception' },
          { key: 'exception.type', type: 'string', value: 'NotFound' },
        ],
      },
    ],
    processID: 'p1',
    warnings: null,
  };
  const processes = {
    p1: {
      serviceName: 'evo-agent',
      tags: [{ key: 'service.version', type: 'string', value: '2.0' }],
    },
  };
  const file = (...spans: unknown[]) =>
    JSON.stringify({ data: [{ traceID: ids.traceId, spans, processes }], total: 0, errors: null });

  it('gives back the span that was sent, to the microsecond', async () => {
    const [run] = await readRuns(file(span));
    expect(run?.refused).toEqual([]);
    expect(run?.spans).toEqual([
      {
        ...sent,
        flags: 1,
        kind: 3,
        attributes: attributes({
          'gen_ai.tool.name': 'search',
          'gen_ai.usage.input_tokens': 110,
          large: { int: '9223372036854775222' },
          score: { double: 1 },
          ok: true,
          blob: { bytes: 'AAAwOQ==' },
          ['__proto__']: 'hostile',
        }),
        events: [
          {
            name: 'exception',
            timeUnixNano: start + 1_000n,
            attributes: attributes({ 'exception.type': 'NotFound' }),
            droppedAttributesCount: 0,
          },
        ],
        links: [
          {
            traceId: '000000000000000000000000000000ff',
            spanId: '00000000000000fe',
            traceState: null,
            attributes: attributes({}),
            droppedAttributesCount: 0,
            flags: 0,
          },
        ],
        droppedAttributesCount: 0,
        droppedEventsCount: 0,
        droppedLinksCount: 0,
        resource: {
          attributes: attributes({ 'service.name': 'evo-agent', 'service.version': '2.0' }),
          droppedAttributesCount: 0,
          schemaUrl: null,
        },
        scope: {
          name: 'my-agent',
          version: '1.2.0',
          attributes: attributes({}),
          droppedAttributesCount: 0,
          schemaUrl: null,
        },
      },
    ]);
  });

  it('refuses a span without an id by itself', async () => {
    const [run] = await readRuns(file({ ...span, spanID: 'zz' }, span));
    expect(run?.spans).toHaveLength(1);
    expect(run?.refused).toEqual([
      { where: 'line 1, data[0], span 0', reason: 'expected traceID and spanID in hex' },
    ]);
  });

  it('reads an error flag without a status code as an error', async () => {
    const [run] = await readRuns(
      file({ ...span, tags: [{ key: 'error', type: 'bool', value: true }] }),
    );
    expect(run?.spans[0]?.status).toEqual({ code: 2, message: null });
  });
});

describe('Zipkin v2 JSON', () => {
  const span = {
    traceId: ids.traceId,
    id: ids.spanId,
    parentId: '00f067aa0ba902b7',
    name: 'execute_tool search',
    timestamp: 1763812800123456,
    duration: 2000,
    localEndpoint: { serviceName: 'evo-agent' },
    tags: {
      'gen_ai.tool.name': 'search',
      'gen_ai.usage.input_tokens': '110',
      'span.kind': 'internal',
      'w3c.tracestate': 'vendor=1',
      'otel.library.name': 'my-agent',
      'otel.library.version': '1.2.0',
      'otel.status_code': 'STATUS_CODE_ERROR',
      'otel.status_description': 'not found',
      error: 'true',
      'otlp.link.0': `${'f'.repeat(32)}|${'e'.repeat(16)}||{"link.type":"related"}|0`,
    },
    annotations: [
      { timestamp: 1763812800123457, value: 'exception|{"exception.type":"NotFound"}|2' },
      { timestamp: 1763812800123458, value: 'plain' },
    ],
  };

  it('gives back what the Collector made of the span', async () => {
    const spans = spansOf(await readRuns(JSON.stringify([span])));
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({
      ...sent,
      kind: 1,
      attributes: { 'gen_ai.tool.name': 'search', 'gen_ai.usage.input_tokens': '110' },
      events: [
        {
          name: 'exception',
          timeUnixNano: start + 1_000n,
          attributes: { 'exception.type': 'NotFound' },
          droppedAttributesCount: 2,
        },
        { name: 'plain', timeUnixNano: start + 2_000n },
      ],
      links: [{ traceId: 'f'.repeat(32), attributes: { 'link.type': 'related' } }],
      resource: { attributes: { 'service.name': 'evo-agent' } },
      scope: { name: 'my-agent', version: '1.2.0' },
    });
    expect(Object.keys(spans[0]?.attributes ?? {})).toEqual([
      'gen_ai.tool.name',
      'gen_ai.usage.input_tokens',
    ]);
  });

  it('reads the status of the SDK, whose error tag is the message', async () => {
    const tags = { 'otel.status_code': 'ERROR', error: 'not found' };
    const spans = spansOf(await readRuns(JSON.stringify([{ ...span, kind: 'SERVER', tags }])));
    expect(spans[0]).toMatchObject({ kind: 2, status: { code: 2, message: 'not found' } });
  });

  it('reads lists of traces, short ids, and both sides of a shared span', async () => {
    const server = { ...span, traceId: 'abc', kind: 'SERVER', shared: true };
    const client = { ...span, traceId: 'abc', kind: 'CLIENT' };
    const spans = spansOf(await readRuns(JSON.stringify([[client, server], [span]])));
    expect(spans.map((one) => one.traceId)).toEqual([
      'abc'.padStart(32, '0'),
      'abc'.padStart(32, '0'),
      ids.traceId,
    ]);
    expect(spans[1]?.parentSpanId).toBe(spans[0]?.spanId);
    expect(spans[1]?.spanId).not.toBe(spans[0]?.spanId);
  });

  it('keeps the neighbours of a span without a time', async () => {
    const runs = await readRuns(JSON.stringify([{ ...span, timestamp: 'now' }, span]));
    expect(spansOf(runs)).toHaveLength(1);
    expect(runs.flatMap((run) => run.refused)).toEqual([
      { where: 'line 1, [0]', reason: 'expected timestamp in microseconds' },
    ]);
  });
});
