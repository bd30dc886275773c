import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { type DecodedTraces, decodeTraces, OtlpDecodeError } from '../../src/otlp';
import { seededRandom } from '../../src/stats';
import { encodeOtlp } from '../support/otlp-proto';
import { arbitraryRequest, toJson } from './arbitrary-request';
import { decodeWithProtobufjs } from './decode-with-protobufjs';
import { mutateBytes } from './mutate-bytes';

/** Mutated bodies compared with protobufjs; `EVOLUTION_FUZZ_RUNS=100000` for the full run. */
const fuzzRuns = Number(process.env.EVOLUTION_FUZZ_RUNS ?? 10_000);
const mutationsOfEach = 20;

const toBody = (request: Record<string, unknown>): Buffer =>
  Buffer.from(encodeOtlp('ExportTraceServiceRequest', request));

test('a request means what protobufjs reads in it', () => {
  fc.assert(
    fc.property(arbitraryRequest, (request) => {
      const body = toBody(request);
      const { spans, refused, overLimit } = decodeTraces(body, 'protobuf');
      const oracle = decodeWithProtobufjs(body);
      expect(spans).toEqual(oracle.spans);
      expect(refused.map(({ index }) => index)).toEqual(oracle.refused);
      expect(overLimit).toBe(0);
    }),
    { numRuns: fuzzRuns / mutationsOfEach },
  );
});

test('both encodings of a request give equal records and equal refusals', () => {
  fc.assert(
    fc.property(arbitraryRequest, (request) => {
      const fromJson = decodeTraces(Buffer.from(toJson(request)), 'json');
      expect(fromJson).toEqual(decodeTraces(toBody(request), 'protobuf'));
    }),
    { numRuns: fuzzRuns / mutationsOfEach },
  );
});

/**
 * Two differences are wanted. A log record in a span's place is refused at its first field, so that what
 * is broken further on is not seen; and protobufjs skips an unknown varint of any length, where the
 * format ends one after ten bytes.
 */
test(
  'damaged bytes are accepted, refused and read as protobufjs does',
  () => {
    const counts = { accepted: 0, rejected: 0 };
    fc.assert(
      fc.property(arbitraryRequest, fc.integer(), (request, seed) => {
        const random = seededRandom(seed);
        const body = toBody(request);
        for (let n = 0; n < mutationsOfEach; n += 1) {
          const mutated = mutateBytes(body, random);
          const ours = attempt(() => decodeTraces(mutated, 'protobuf'));
          const oracle = attempt(() => decodeWithProtobufjs(mutated));
          counts[ours instanceof Error ? 'rejected' : 'accepted'] += 1;
          const difference = findDifference(ours, oracle);
          if (difference !== null) throw new Error(`${difference}: ${mutated.toString('hex')}`);
        }
      }),
      // The bytes are the counterexample; other bytes would be no smaller one.
      { numRuns: fuzzRuns / mutationsOfEach, endOnFailure: true },
    );
    expect(counts.accepted).toBeGreaterThan(fuzzRuns / 10);
    expect(counts.rejected).toBeGreaterThan(fuzzRuns / 10);
  },
  30_000 + fuzzRuns * 10,
);

function attempt<T>(read: () => T): T | Error {
  try {
    return read();
  } catch (error) {
    return error as Error;
  }
}

function findDifference(
  ours: DecodedTraces | Error,
  oracle: ReturnType<typeof decodeWithProtobufjs> | Error,
): string | null {
  if (ours instanceof Error) {
    if (!(ours instanceof OtlpDecodeError)) return `ours broke: ${ours.stack}`;
    const endlessVarint = ours.message.includes('a varint of at most 10 bytes');
    return oracle instanceof Error || endlessVarint ? null : `only ours refuses: ${ours.message}`;
  }
  if (oracle instanceof Error) {
    const sawLog = ours.refused.some(({ reason }) => reason.startsWith('this is a log record'));
    return sawLog ? null : `only protobufjs refuses: ${oracle.message}`;
  }
  const refused = ours.refused.map(({ index }) => index);
  if (!isDeepStrictEqual(refused, oracle.refused))
    return `refused ${refused.join()}, not ${oracle.refused.join()}`;
  return isDeepStrictEqual(ours.spans, oracle.spans) ? null : 'other values';
}
