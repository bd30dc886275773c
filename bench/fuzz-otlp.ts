/**
 * Any requests, then the same with a few bytes changed, through the whole OTLP handler: counts answers, and what must not be:
 * an exception, a 5xx, an answer that takes longer than a second, a changed `Object.prototype`, a stack or a path in a body.
 *
 *   --inputs N          (100000)
 *   --encoding NAME     protobuf | json (protobuf)
 *   --seed N            (1)
 */
import { parseArgs } from 'node:util';
import { fuzzOtlp } from '../test/support/fuzz-otlp';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    encoding: { type: 'string', default: 'protobuf' },
    seed: { type: 'string', default: '1' },
  },
});
const encoding = values.encoding === 'json' ? 'json' : 'protobuf';
const started = performance.now();
const result = await fuzzOtlp({
  encoding,
  inputs: Number(values.inputs),
  seed: Number(values.seed),
});
console.log(
  JSON.stringify({
    encoding,
    ...result,
    seconds: Math.round((performance.now() - started) / 1000),
  }),
);
if (result.broken.length > 0) process.exitCode = 1;
