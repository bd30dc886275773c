import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { SpanMeaning, SpanRecord } from '../../src/model/span';
import { decodeTracesJson } from '../../src/otlp';
import { interpretSpan } from '../../src/semantics';
import { dataDir, describeWithData } from '../support/data-dir';
import { readLangfuseSpans } from '../support/langfuse-spans';
import { attributes, makeSpan } from '../support/make-span';

// Labelled by hand, span by span, from name and attributes. The rule: a role is what an attribute or
// a span name says that some published convention defines; where only prose hints at it (a graph
// node called `tools`, a trace called after its agent) the label is `other`.

type Labels = Readonly<Record<string, Readonly<Record<string, string>>>>;
type SpansBySource = ReadonlyMap<string, readonly SpanRecord[]>;

describeWithData('roles agree with the labels', () => {
  test('the 138 observations of 20 framework traces', async () => {
    const spans = await readLangfuseSpans();
    expect(countOf(spans)).toBe(138);
    expectLabels(spans, 'langfuse-framework-traces');
    print(spans);
  });

  test('… and as imported, with what Langfuse made of them', async () => {
    expectLabels(await readLangfuseSpans({ keepTypes: true }), 'langfuse-framework-traces');
  });

  test('the spans of the Vercel AI SDK', () => {
    const spans = readVercelSpans();
    expect(countOf(spans)).toBe(10);
    expectLabels(spans, 'vercel-ai-sdk');
    print(spans);
  });

  test('the recorded gateway spans', () => {
    const spans = readGatewaySpans();
    expect(countOf(spans)).toBe(39);
    expectLabels(spans, 'exgentic-recorded');
    print(spans);
  });
});

function expectLabels(spans: SpansBySource, table: string): void {
  const file = join(__dirname, 'labels', `${table}.json`);
  const labels = JSON.parse(readFileSync(file, 'utf8')) as Labels;
  const roles = [...spans].map(([source, records]) => [
    source,
    Object.fromEntries(records.map((record) => [record.spanId, interpretSpan(record).role])),
  ]);
  expect(Object.fromEntries(roles)).toEqual(labels);
}

function countOf(spans: SpansBySource): number {
  return [...spans.values()].reduce((sum, { length }) => sum + length, 0);
}

/** What was recognised, of how many: a table for people. */
function print(spans: SpansBySource): void {
  const lines = [...spans].map(([source, records]) => {
    const meanings = records.map((record) => interpretSpan(record));
    const count = (says: (meaning: SpanMeaning) => boolean): string =>
      String(meanings.filter(says).length).padStart(5);
    return [
      source.padEnd(40),
      String(records.length).padStart(5),
      count(({ role }) => role !== 'other'),
      count(({ model }) => model !== null),
      count(({ tool }) => tool !== null),
      count(({ inputTokens, outputTokens }) => (inputTokens ?? outputTokens) !== null),
      count(({ agent }) => agent.name !== null),
      count(({ sessionId }) => sessionId !== null),
    ].join(' ');
  });
  const head = `${''.padEnd(40)} spans  role model  tool tokens agent session`;
  process.stdout.write(`${[head, ...lines].join('\n')}\n`);
}

function readVercelSpans(): SpansBySource {
  const file = join(dataDir, 'otlp-fixtures/openinference-vercel/v6-spans/all-spans.json');
  const spans = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly name: string;
    readonly spanContext: { readonly traceId: string; readonly spanId: string };
    readonly attributes: SpanRecord['attributes'];
  }[];
  const records = spans.map(({ name, spanContext, attributes: sent }) =>
    makeSpan({ name, ...spanContext, attributes: attributes(sent) }),
  );
  return new Map([['all-spans', records]]);
}

/** Nine of them came without ids and are given one here, so that their roles can be looked at. */
function readGatewaySpans(): SpansBySource {
  const folder = join(dataDir, 'exgentic-otlp/recorded');
  const files = readdirSync(folder).filter((name) => name.endsWith('.traces.jsonl.gz'));
  return new Map(
    files.sort().map((file) => {
      const lines = gunzipSync(readFileSync(join(folder, file)))
        .toString()
        .trim()
        .split('\n');
      let index = 0;
      const spans = lines.flatMap((line) => {
        const request = JSON.parse(line) as OtlpRequest;
        for (const span of request.resourceSpans.flatMap(spansOf)) {
          span.spanId ??= String(index).padStart(16, 'f');
          span.traceId ??= span.spanId.repeat(2);
          span.startTimeUnixNano ??= '1700000000000000000';
          index++;
        }
        const { spans: decoded, refused } = decodeTracesJson(request);
        expect(refused).toEqual([]);
        return decoded;
      });
      return [file.slice(0, -'.traces.jsonl.gz'.length), spans];
    }),
  );
}

interface OtlpRequest {
  readonly resourceSpans: readonly ResourceSpans[];
}

interface ResourceSpans {
  readonly scopeSpans: readonly {
    readonly spans: readonly {
      spanId?: string;
      traceId?: string;
      startTimeUnixNano?: string;
    }[];
  }[];
}

function spansOf({
  scopeSpans,
}: ResourceSpans): { spanId?: string; traceId?: string; startTimeUnixNano?: string }[] {
  return scopeSpans.flatMap(({ spans }) => spans);
}
