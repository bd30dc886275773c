import { decodeTraces } from '../src/otlp';
import { encodeOtlp, otlpType } from '../test/support/otlp-proto';

/**
 * Decodes one request of 10,000 spans with our decoder and with protobufjs, in turns. Time is CPU time
 * of the process (collector threads included), so that other work on the machine counts for neither.
 */
const SPANS = 10_000;
const ROUNDS = 15;
const WARM_UP_ROUNDS = 3;

const body = Buffer.from(makeRequest());
const requestType = otlpType('ExportTraceServiceRequest');
const rates = { ours: [] as number[], protobufjs: [] as number[] };

for (let round = 0; round < ROUNDS + WARM_UP_ROUNDS; round += 1) {
  const ours = spansPerSecond(() => decodeTraces(body, 'protobuf').spans.length);
  const protobufjs = spansPerSecond(decodeWithProtobufjs);
  if (round < WARM_UP_ROUNDS) continue;
  rates.ours.push(ours);
  rates.protobufjs.push(protobufjs);
}

const ratios = rates.ours.map((rate, round) => rate / rates.protobufjs[round]!);
console.log(
  JSON.stringify({
    spans: SPANS,
    bytesPerSpan: Math.round(body.length / SPANS),
    rounds: ROUNDS,
    spansPerSecond: { ours: median(rates.ours), protobufjs: median(rates.protobufjs) },
    ratio: { min: Math.min(...ratios), median: median(ratios), max: Math.max(...ratios) },
  }),
);

/** What a user of protobufjs gets without loss: plain objects, 64-bit numbers as strings. */
function decodeWithProtobufjs(): number {
  const request = requestType.toObject(requestType.decode(body), { longs: String }) as {
    resourceSpans: { scopeSpans: { spans: unknown[] }[] }[];
  };
  return request.resourceSpans[0]!.scopeSpans[0]!.spans.length;
}

function spansPerSecond(decode: () => number): number {
  // What the other side left behind is not this side's to collect.
  globalThis.gc?.();
  const before = process.cpuUsage();
  const spans = decode();
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  if (spans !== SPANS) throw new Error(`decoded ${spans} of ${SPANS} spans`);
  return Math.round(spans / seconds);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

function makeRequest(): Uint8Array {
  return encodeOtlp('ExportTraceServiceRequest', {
    resourceSpans: [
      {
        resource: { attributes: [text('service.name', 'bench-agent')] },
        scopeSpans: [
          { scope: { name: 'bench' }, spans: Array.from({ length: SPANS }, (_, n) => makeSpan(n)) },
        ],
      },
    ],
  });
}

function makeSpan(n: number): Record<string, unknown> {
  const start = 1_760_000_000_000_000_000n + BigInt(n) * 1_234_567n;
  const id = (size: number, salt: number): Buffer => {
    const bytes = Buffer.alloc(size);
    // Multiplicative hashing spreads the ids as random ones are spread, and stays repeatable.
    for (let i = 0; i < size; i += 1) bytes[i] = Math.imul(n + salt, 2654435761 + 97 * i) >>> 24;
    bytes[0] = 1;
    return bytes;
  };
  return {
    traceId: id(16, 1),
    spanId: id(8, 2),
    parentSpanId: n % 8 === 0 ? Buffer.alloc(0) : id(8, 3),
    name: n % 3 === 0 ? 'chat gpt-5.4' : 'execute_tool search',
    kind: 3,
    startTimeUnixNano: start.toString(),
    endTimeUnixNano: (start + 900_000_000n).toString(),
    attributes: makeAttributes(n),
    links: n % 5 === 0 ? [{ traceId: id(16, 4), spanId: id(8, 5) }] : [],
    status: { code: n % 17 === 0 ? 2 : 1 },
    flags: 257,
  };
}

function makeAttributes(n: number): Record<string, unknown>[] {
  return [
    text('gen_ai.operation.name', 'chat'),
    text('gen_ai.provider.name', 'openai'),
    text('gen_ai.request.model', 'gpt-5.4-2026-03-05'),
    text('gen_ai.response.model', 'gpt-5.4-2026-03-05'),
    text('gen_ai.response.id', `chatcmpl-${n}-a1b2c3d4e5f6`),
    text('gen_ai.conversation.id', `conversation-${n % 100}`),
    text('gen_ai.agent.name', 'package-reader'),
    text('gen_ai.agent.version', '1.4.2'),
    int('gen_ai.usage.input_tokens', 900 + (n % 700)),
    int('gen_ai.usage.output_tokens', 20 + (n % 300)),
    { key: 'gen_ai.request.temperature', value: { doubleValue: 0.2 } },
    int('gen_ai.request.max_tokens', 4096),
    text('gen_ai.tool.name', 'search'),
    text(
      'gen_ai.tool.call.arguments',
      `{"query":"where is module ${n} required","paths":["src","lib","test"],"mode":"literal","context_lines":2,"limit":20,"reason":"The file list names an index that loads the rest; look for its callers first."}`,
    ),
    text('server.address', 'api.openai.example'),
    int('server.port', 443),
    { key: 'evolution.cached', value: { boolValue: n % 2 === 0 } },
    text('task.id', `task-${n % 1000}`),
  ];
}

function text(key: string, stringValue: string): Record<string, unknown> {
  return { key, value: { stringValue } };
}

function int(key: string, intValue: number): Record<string, unknown> {
  return { key, value: { intValue } };
}
