import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { SpanAddress } from '../../src/model/span';
import { seededRandom } from '../../src/stats';
import { encodeOtlp } from './otlp-proto';

export interface TrafficRequest {
  /** Gzipped `ExportTraceServiceRequest`. */
  readonly body: Buffer;
  readonly decodedBytes: number;
  readonly spans: readonly SpanAddress[];
}

/** A span in the field names of OTLP/JSON, ids as bytes. */
interface TrafficSpan {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly [field: string]: unknown;
}

/**
 * What a fleet of agents sends, for ever: traces of 10 to 12 spans with random ids (an agent's run,
 * model calls and tool calls in turn), cut into requests wherever one is full. Each span has 18
 * attributes, more than 1 kB in all with the prompt or the tool's arguments; every fifth has a link.
 */
export class AgentTraffic {
  readonly #random: () => number;
  readonly #spansPerRequest: number;
  readonly #judged: number;
  #waiting: TrafficSpan[] = [];
  #made = 0;

  constructor(options: {
    readonly seed: number | string;
    readonly spansPerRequest: number;
    /** Share of the runs whose root brings a reward, 0..1. */
    readonly judged?: number;
  }) {
    this.#judged = options.judged ?? 0;
    this.#random = seededRandom(options.seed);
    this.#spansPerRequest = options.spansPerRequest;
  }

  async many(count: number): Promise<TrafficRequest[]> {
    const made: TrafficRequest[] = [];
    while (made.length < count) made.push(await this.next());
    return made;
  }

  async next(): Promise<TrafficRequest> {
    while (this.#waiting.length < this.#spansPerRequest) this.#waiting.push(...this.#makeTrace());
    const spans = this.#waiting.splice(0, this.#spansPerRequest);
    const body = encodeOtlp('ExportTraceServiceRequest', {
      resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'fleet' }, spans }] }],
    });
    return {
      body: await promisify(gzip)(body, { level: 1 }),
      decodedBytes: body.length,
      spans: spans.map(({ traceId, spanId }) => ({
        traceId: traceId.toString('hex'),
        spanId: spanId.toString('hex'),
      })),
    };
  }

  #makeTrace(): TrafficSpan[] {
    const traceId = this.#bytes(16);
    const size = 10 + Math.floor(this.#random() * 3);
    const ids = Array.from({ length: size }, () => this.#bytes(8));
    const run = { agent: Math.floor(this.#random() * 8), id: this.#bytes(16).toString('hex') };
    const start = 1_790_000_000_000_000_000n + BigInt(Math.floor(this.#random() * 1e15));
    return ids.map((spanId, position) => {
      const from = start + BigInt(position) * 350_000_000n;
      const duration = position === 0 ? BigInt(size) * 350_000_000n : 300_000_000n;
      this.#made += 1;
      return {
        traceId,
        spanId,
        parentSpanId: position === 0 ? Buffer.alloc(0) : ids[0],
        ...this.#describe(position, run),
        startTimeUnixNano: String(from),
        endTimeUnixNano: String(from + duration),
        events: position === 0 ? this.#judgement(from) : [],
        links: this.#made % 5 === 0 ? [{ traceId, spanId: ids[(position + 1) % size] }] : [],
        status: { code: this.#random() < 0.03 ? 2 : 1 },
        flags: 257,
      };
    });
  }

  /** Name, kind and the 18 attributes. */
  #describe(position: number, run: { agent: number; id: string }): Record<string, unknown> {
    const model = models[run.agent % models.length]!;
    const tool = tools[Math.floor(this.#random() * tools.length)]!;
    const common = [
      text('agent.id', `package-reader-${run.agent}`),
      text('agent.version', '1.4.2'),
      text('task.id', `task-${run.id}`),
      text('execution.id', `execution-${run.id}`),
      text('gen_ai.conversation.id', `conversation-${run.id.slice(0, 12)}`),
      text('gen_ai.agent.name', 'package-reader'),
      text('gen_ai.provider.name', 'openai'),
      text('deployment.environment.name', 'production'),
      text('server.address', 'api.openai.example'),
      int('server.port', 443),
    ];
    if (position === 0) return this.#agentRun(common, model);
    return position % 2 === 1 ? this.#modelCall(common, model) : this.#toolCall(common, tool);
  }

  #agentRun(common: Attribute[], model: string): Record<string, unknown> {
    return {
      name: 'invoke_agent package-reader',
      kind: 1,
      attributes: [
        ...common,
        text('gen_ai.operation.name', 'invoke_agent'),
        text('gen_ai.request.model', model),
        text('task.type', 'dependencies'),
        text(
          'agent.config',
          `{"window":"head","scan":"both","temperature":${this.#random() < 0.5}}`,
        ),
        int('gen_ai.usage.input_tokens', this.#int(9000)),
        int('gen_ai.usage.output_tokens', this.#int(900)),
        text('gen_ai.input.messages', this.#words(70)),
        text('evolution.note', this.#words(12)),
      ],
    };
  }

  #modelCall(common: Attribute[], model: string): Record<string, unknown> {
    return {
      name: `chat ${model}`,
      kind: 3,
      attributes: [
        ...common,
        text('gen_ai.operation.name', 'chat'),
        text('gen_ai.request.model', model),
        text('gen_ai.response.model', `${model}-2026-03-05`),
        text('gen_ai.response.id', `chatcmpl-${this.#bytes(12).toString('hex')}`),
        int('gen_ai.usage.input_tokens', this.#int(3000)),
        int('gen_ai.usage.output_tokens', this.#int(300)),
        { key: 'gen_ai.request.temperature', value: { doubleValue: 0.2 } },
        text('gen_ai.input.messages', this.#words(70)),
      ],
    };
  }

  #toolCall(common: Attribute[], tool: string): Record<string, unknown> {
    return {
      name: `execute_tool ${tool}`,
      kind: 1,
      attributes: [
        ...common,
        text('gen_ai.operation.name', 'execute_tool'),
        text('gen_ai.tool.name', tool),
        text('gen_ai.tool.type', 'function'),
        text('gen_ai.tool.call.id', `call_${this.#bytes(12).toString('hex')}`),
        text('gen_ai.tool.call.arguments', `{"query":"${this.#words(40)}","limit":20}`),
        text('gen_ai.tool.call.result', this.#words(30)),
        int('evolution.bytes_read', this.#int(100_000)),
        { key: 'evolution.cached', value: { boolValue: this.#random() < 0.5 } },
      ],
    };
  }

  #judgement(at: bigint): unknown[] {
    if (this.#judged === 0 || this.#random() >= this.#judged) return [];
    const score = { key: 'gen_ai.evaluation.score.value', value: { doubleValue: this.#int(2) } };
    const attributes = [text('gen_ai.evaluation.name', 'reward'), score];
    return [{ timeUnixNano: String(at), name: 'gen_ai.evaluation.result', attributes }];
  }

  #bytes(size: number): Buffer {
    const bytes = Buffer.alloc(size);
    for (let i = 0; i < size; i += 4) bytes.writeUInt32LE(this.#random() * 2 ** 32, i);
    return bytes;
  }

  #int(below: number): number {
    return Math.floor(this.#random() * below);
  }

  #words(count: number): string {
    return Array.from({ length: count }, () => vocabulary[this.#int(vocabulary.length)]).join(' ');
  }
}

type Attribute = Record<string, unknown>;

function text(key: string, stringValue: string): Attribute {
  return { key, value: { stringValue } };
}

function int(key: string, intValue: number): Attribute {
  return { key, value: { intValue } };
}

const resource = {
  attributes: [
    text('service.name', 'package-reader'),
    text('service.version', '1.4.2'),
    text('telemetry.sdk.language', 'nodejs'),
  ],
};

const models = ['gpt-5.4', 'gpt-5.4-mini', 'claude-sonnet-5'];
const tools = ['list_files', 'read_file', 'search', 'run_tests'];
const vocabulary =
  'module package import require license index source readme test export type bundle main version author file folder entry default binary'.split(
    ' ',
  );
