import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type DecodedTraces, decodeLogs, decodeTraces, encodeTracesJson } from '../../src/otlp';
import { dataDir, describeWithData } from '../support/data-dir';
import { attributes } from '../support/make-span';

describeWithData('the examples of opentelemetry-proto', () => {
  const example = (name: string): Buffer =>
    readFileSync(join(dataDir, 'otlp-fixtures', 'opentelemetry-proto', name));

  test('trace.json is one span, its ids in lower case', () => {
    expect(decodeTraces(example('trace.json'), 'json').spans).toEqual([
      {
        traceId: '5b8efff798038103d269b633813fc60c',
        spanId: 'eee19b7ec3c1b174',
        parentSpanId: 'eee19b7ec3c1b173',
        traceState: null,
        flags: 0,
        name: "I'm a server span",
        kind: 2,
        startTimeUnixNano: 1_544_712_660_000_000_000n,
        endTimeUnixNano: 1_544_712_661_000_000_000n,
        status: { code: 0, message: null },
        attributes: attributes({ 'my.span.attr': 'some value' }),
        events: [],
        links: [],
        droppedAttributesCount: 0,
        droppedEventsCount: 0,
        droppedLinksCount: 0,
        resource: {
          attributes: attributes({ 'service.name': 'my.service' }),
          droppedAttributesCount: 0,
          schemaUrl: null,
        },
        scope: {
          name: 'my.library',
          version: '1.0.0',
          attributes: attributes({ 'my.scope.attribute': 'some scope attribute' }),
          droppedAttributesCount: 0,
          schemaUrl: null,
        },
      },
    ]);
  });

  test('logs.json and events.json hold no evaluation result', () => {
    for (const name of ['logs.json', 'events.json']) {
      const { logs, refused, ignored } = decodeLogs(example(name), 'json');
      expect({ logs, refused, ignored }).toEqual({ logs: [], refused: [], ignored: 1 });
    }
  });

  test('another signal is refused by its name', () => {
    expect(() => decodeTraces(example('logs.json'), 'json')).toThrow(
      'expected resourceSpans, came resourceLogs: send logs to /v1/logs',
    );
    expect(() => decodeTraces(example('metrics.json'), 'json')).toThrow('came resourceMetrics');
    expect(() => decodeLogs(example('trace.json'), 'json')).toThrow('send traces to /v1/traces');
  });
});

describeWithData('the nine recorded files', () => {
  const folder = join(dataDir, 'exgentic-otlp', 'recorded');
  const requests = readdirSync(folder).flatMap((file) =>
    gunzipSync(readFileSync(join(folder, file)))
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ file, ...decodeTraces(Buffer.from(line), 'json') })),
  );
  const count = (of: (request: DecodedTraces) => number): number =>
    requests.reduce((sum, request) => sum + of(request), 0);

  test('hold 39 spans, of which nine have no ids and 30 are kept', () => {
    expect(new Set(requests.map(({ file }) => file)).size).toBe(9);
    expect(count(({ spans }) => spans.length)).toBe(30);
    expect(requests.flatMap(({ refused }) => refused.map(({ reason }) => reason))).toEqual(
      Array.from({ length: 9 }, () => 'trace id is missing'),
    );
  });

  test('come back equal when they are encoded again', () => {
    for (const { spans } of requests) {
      const again = Buffer.from(JSON.stringify(encodeTracesJson(spans)));
      expect(decodeTraces(again, 'json').spans).toEqual(spans);
    }
  });
});
