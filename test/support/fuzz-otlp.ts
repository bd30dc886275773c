import fc from 'fast-check';
import { createOtlpHandler, type OtlpEncoding } from '../../src/otlp';
import { prepareBatch } from '../../src/runtime/ingest';
import { seededRandom } from '../../src/stats';
import { arbitraryRequest, toJson } from '../otlp/arbitrary-request';
import { mutateBytes } from '../otlp/mutate-bytes';
import { protobufOf } from '../otlp/make-request';

export interface FuzzResult {
  readonly inputs: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly slowestMillis: number;
  /** What must not be, with the body as base64; the first ten. */
  readonly broken: readonly { readonly what: string; readonly body: string }[];
}

/** Of one request so many changed copies are sent: making one costs more than sending it. */
const mutants = 50;
const longestMillis = 1_000;

/** Decodes, understands and redacts; stores nothing. */
export async function fuzzOtlp(options: {
  readonly encoding: OtlpEncoding;
  readonly inputs: number;
  readonly seed: number;
}): Promise<FuzzResult> {
  const { encoding, inputs, seed } = options;
  const settings = {
    policy: { captureContent: false, contentKey: new Uint8Array(32) },
    prices: {},
  };
  const handle = createOtlpHandler({
    sink: {
      accept: (batch) => {
        const { refused } = prepareBatch(batch, settings);
        return Promise.resolve({ accepted: batch.spans.length, duplicates: 0, refused });
      },
    },
  });
  const random = seededRandom(seed);
  const before = JSON.stringify(Reflect.ownKeys(Object.prototype).map(String));
  const answers: Record<string, number> = {};
  const broken: { what: string; body: string }[] = [];
  let slowestMillis = 0;
  let made = 0;

  const send = async (body: Buffer): Promise<void> => {
    const started = performance.now();
    const what = await handle({
      method: 'POST',
      path: '/v1/traces',
      headers: {
        'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
      },
      body: (async function* () {
        yield body;
      })(),
    }).then(
      (answer) => {
        answers[answer.status] = (answers[answer.status] ?? 0) + 1;
        if (answer.status >= 500) return `answered ${answer.status}`;
        const text = Buffer.from(answer.body).toString();
        return /\n\s+at |node_modules|SELECT |INSERT /.test(text) ? `told ${text}` : null;
      },
      (error: unknown) => `threw ${String(error)}`,
    );
    const millis = performance.now() - started;
    slowestMillis = Math.max(slowestMillis, millis);
    const slow = millis > longestMillis ? `took ${Math.round(millis)} ms` : null;
    const fault = what ?? slow;
    if (fault !== null && broken.length < 10) {
      broken.push({ what: fault, body: body.toString('base64') });
    }
  };

  for (const request of requestsFrom(seed, Math.ceil(inputs / mutants))) {
    const body = encoding === 'json' ? Buffer.from(toJson(request)) : protobufOf(request);
    for (let n = 0; n < mutants && made < inputs; n += 1) {
      await send(n === 0 ? body : mutateBytes(body, random));
      made += 1;
    }
  }
  const after = JSON.stringify(Reflect.ownKeys(Object.prototype).map(String));
  if (after !== before) broken.push({ what: `Object.prototype became ${after}`, body: '' });
  return { inputs: made, answers, slowestMillis: Math.round(slowestMillis), broken };
}

/** In parts, so that a million is no array. */
function* requestsFrom(seed: number, count: number): Generator<Record<string, unknown>> {
  const part = 500;
  for (let from = 0; from < count; from += part) {
    const numRuns = Math.min(part, count - from);
    yield* fc.sample(arbitraryRequest, { seed: seed + from, numRuns });
  }
}
