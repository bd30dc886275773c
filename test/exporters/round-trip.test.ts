import { createReadStream, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { exportOtlpJson } from '../../src/exporters';
import { openImport } from '../../src/importers';
import type { AttributeValue } from '../../src/model/attributes';
import type { Span, SpanRecord } from '../../src/model/span';
import { decodeTracesJson, encodeTracesJson } from '../../src/otlp';
import { dataDir, describeWithData } from '../support/data-dir';
import { attributes, makeSpan, spanId } from '../support/make-span';

async function readSpans(input: Readable, name: string): Promise<SpanRecord[]> {
  const spans: SpanRecord[] = [];
  const options = { input, name, format: 'auto' as const, decodeOtlpJson: decodeTracesJson };
  for await (const run of openImport(options)) {
    spans.push(...run.spans);
    expect(run.refused).toEqual([]);
  }
  return spans;
}

/** Exported as OTLP/JSON and read again. */
function travel(spans: readonly SpanRecord[]): Promise<SpanRecord[]> {
  // An export writes the record of a stored span; what the store adds does not travel.
  const stored = Readable.from(spans) as AsyncIterable<Span>;
  const text = exportOtlpJson(stored, encodeTracesJson);
  return readSpans(Readable.from(bytes(text)), 'export.jsonl');
}

function byAddress(spans: readonly SpanRecord[]): readonly SpanRecord[] {
  const address = ({ traceId, spanId }: SpanRecord): string => `${traceId} ${spanId}`;
  return [...spans].sort((a, b) => (address(a) < address(b) ? -1 : 1));
}

async function* bytes(text: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const piece of text) yield Buffer.from(piece);
}

describeWithData('file → import → export as OTLP/JSON → import', () => {
  it('gives equal spans', async () => {
    const langfuse = readdirSync(join(dataDir, 'langfuse-framework-traces'));
    const files = [
      'tau-bench/gpt-4o-airline.json.gz',
      'tau2-bench/ab_telecom.gpt-4.1.json.gz',
      ...langfuse
        .filter((name) => name.endsWith('.gz'))
        .map((name) => `langfuse-framework-traces/${name}`),
    ];
    for (const file of files) {
      const spans = await readSpans(createReadStream(join(dataDir, file)), basename(file));
      expect(spans.length).toBeGreaterThan(0);
      // A request groups spans by resource and scope, so that only their order may change.
      expect(byAddress(await travel(spans))).toEqual(byAddress(spans));
    }
  });
});

describe('export as OTLP/JSON → import', () => {
  const value: fc.Arbitrary<AttributeValue> = fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noInteger: true, noDefaultInfinity: true }),
    fc.integer().map((double) => ({ double })),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }).map((int) => ({ int: int.toString() })),
    fc.array(fc.string()),
  );
  const keys = fc.string({ minLength: 1 });
  const anySpan = fc.record({
    name: fc.string({ minLength: 1 }),
    attributes: fc.dictionary(keys, value).map(attributes),
    startTimeUnixNano: fc.bigInt({ min: 10n ** 18n, max: 2n * 10n ** 18n }),
    endTimeUnixNano: fc.bigInt({ min: 2n * 10n ** 18n, max: 2n ** 62n }),
  });

  it('gives equal spans, exact to the nanosecond and the last bit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anySpan, { minLength: 1, maxLength: 8 }), async (changes) => {
        const spans = changes.map((change, index) =>
          makeSpan({ ...change, spanId: spanId(index + 1) }),
        );
        expect(await travel(spans)).toEqual(spans);
      }),
      { numRuns: 50 },
    );
  });

  it('does so over several requests', async () => {
    const spans = Array.from({ length: 1_201 }, (_, index) =>
      makeSpan({ spanId: spanId(index + 1) }),
    );
    expect(await travel(spans)).toEqual(spans);
  });
});
