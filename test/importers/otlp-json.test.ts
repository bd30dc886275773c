import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { decodeTracesJson } from '../../src/otlp';
import { dataDir, describeWithData } from '../support/data-dir';
import { readFile, readRuns, spansOf } from './read-runs';

const options = { decodeOtlpJson: decodeTracesJson };

const span = (id: string, more = '') =>
  `{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"${id}","name":"s",` +
  `"startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000001000000000"${more}}`;
const request = (...spans: string[]) =>
  `{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{"name":"t"},"spans":[${spans.join()}]}]}]}`;

describeWithData('recorded OTLP/JSON', () => {
  it('has 39 spans: 30 are valid, 9 are refused by name for want of ids', async () => {
    const folder = join(dataDir, 'exgentic-otlp', 'recorded');
    const runs = (
      await Promise.all(readdirSync(folder).map((name) => readFile(join(folder, name), options)))
    ).flat();
    expect(spansOf(runs)).toHaveLength(30);
    const refused = runs.flatMap((run) => run.refused);
    expect(refused).toHaveLength(9);
    for (const { reason, where } of refused) {
      expect(reason).toMatch(/trace/i);
      expect(where).toMatch(/^line \d+, resourceSpans\[0\], span \d+$/);
    }
  });

  it('reads the pretty-printed example of opentelemetry-proto', async () => {
    const path = join(dataDir, 'otlp-fixtures', 'opentelemetry-proto', 'trace.json');
    const [run] = await readFile(path, options);
    expect(run?.refused).toEqual([]);
    expect(run?.spans[0]?.traceId).toBe('5b8efff798038103d269b633813fc60c');
    const value = JSON.parse(readFileSync(path, 'utf8')) as unknown;
    expect(run?.spans).toEqual(decodeTracesJson(value).spans);
  });
});

describe('OTLP/JSON lines', () => {
  it('lose only the broken line', async () => {
    const lines = [
      request(span('0000000000000001')),
      '{"resourceSpans":[{"resource":{},"scopeSpans":[{"spans":[{"traceId":"0af',
      'not json at all',
      '',
      request(span('0000000000000002')),
    ];
    const runs = await readRuns(lines.join('\n'), options);
    expect(spansOf(runs).map((one) => one.spanId)).toEqual([
      '0000000000000001',
      '0000000000000002',
    ]);
    expect(runs.flatMap((run) => run.refused.map(({ where }) => where))).toEqual([
      'line 2, resourceSpans[0]',
      'line 3',
    ]);
  });

  it('keep what came before a file breaks off, with one refusal', async () => {
    const text = `${request(span('0000000000000001'))}\n${request(span('0000000000000002')).slice(0, -20)}`;
    const runs = await readRuns(text, options);
    expect(spansOf(runs)).toHaveLength(1);
    expect(runs.flatMap((run) => run.refused)).toEqual([
      { where: 'line 2, resourceSpans[0]', reason: 'the document ends in the middle' },
    ]);
  });

  it('keep what came before a gzip stream breaks off, with one refusal', async () => {
    const text = Array.from({ length: 2_000 }, (_, index) =>
      request(span(index.toString(16).padStart(16, '1'), `,"traceState":"n=${index * 7_919}"`)),
    ).join('\n');
    const packed = gzipSync(text);
    const input = Readable.from([packed.subarray(0, packed.length / 2)]);
    const runs = await readRuns(input, options);
    expect(spansOf(runs).length).toBeGreaterThan(500);
    expect(spansOf(runs).length).toBeLessThan(2_000);
    const refused = runs.flatMap((run) => run.refused);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.reason).toMatch(/gzip stream is damaged or cut off/);
  });

  it('name a line that is another signal', async () => {
    const runs = await readRuns(
      `${request(span('0000000000000001'))}\n{"resourceLogs":[]}\n`,
      options,
    );
    expect(runs.flatMap((run) => run.refused)).toEqual([
      {
        where: 'line 2',
        reason: 'expected .resourceSpans[] or .result.resourceSpans[], found none',
      },
    ]);
  });

  it('keep 64-bit integers that are written without quotes', async () => {
    const attribute = '"attributes":[{"key":"n","value":{"intValue":9223372036854775807}}]';
    const bare = span('0000000000000001', `,${attribute}`)
      .replace('"1700000000000000000"', '1700000000000000001')
      .replace('"1700000001000000000"', '1700000001000000003');
    const [run] = await readRuns(request(bare), options);
    expect(run?.spans[0]).toMatchObject({
      startTimeUnixNano: 1_700_000_000_000_000_001n,
      endTimeUnixNano: 1_700_000_001_000_000_003n,
      attributes: { n: { int: '9223372036854775807' } },
    });
  });

  it('may be inside the answer of a Jaeger query', async () => {
    const runs = await readRuns(`{"result":${request(span('0000000000000001'))}}`, options);
    expect(spansOf(runs)).toHaveLength(1);
  });
});
