import { exportJsonl, exportOtlpJson } from '../../src/exporters';
import type { SpanRecord } from '../../src/model/span';
import { spanToWire } from '../../src/wire';
import { collect, countedSpans, of, storedSpan } from './sample-spans';

describe('JSON lines export', () => {
  it('writes one span a line, as HTTP answers', async () => {
    const spans = [storedSpan({ name: 'a\nb' }), storedSpan({ name: 'c' })];
    const lines = (await collect(exportJsonl(of(...spans), spanToWire))).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        name: 'a\nb',
        trace_id: '0af7651916cd43dd8448eb211c80319c',
        start_time_unix_nano: '1700000000000000000',
        execution_id: 'execution-1',
      }),
      expect.objectContaining({ name: 'c' }),
    ]);
  });

  it('writes 200,000 spans and holds one', async () => {
    const source = countedSpans(200_000);
    let lines = 0;
    let held = 0;
    for await (const piece of exportJsonl(source.spans, (span) => span.spanId)) {
      lines += piece.endsWith('\n') ? 1 : 0;
      held = Math.max(held, source.asked() - lines);
    }
    expect(lines).toBe(200_000);
    expect(held).toBe(0);
  });
});

describe('OTLP/JSON export', () => {
  it('writes 200,000 spans in requests of at most 500 and holds no more', async () => {
    const source = countedSpans(200_000);
    let requests = 0;
    let written = 0;
    let held = 0;
    const ids = (spans: readonly SpanRecord[]) => spans.map((span) => span.spanId);
    for await (const line of exportOtlpJson(source.spans, ids)) {
      held = Math.max(held, source.asked() - written);
      written += (JSON.parse(line) as string[]).length;
      requests += 1;
    }
    expect(requests).toBe(400);
    expect(written).toBe(200_000);
    expect(held).toBe(500);
  });

  it('writes nothing where nothing matches', async () => {
    expect(await collect(exportOtlpJson(of(), (spans) => spans))).toBe('');
  });
});
