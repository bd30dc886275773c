import type { Sampling, SequenceStamp } from '../model/sampling';
import type { SpanRecord } from '../model/span';
import { booleanOf, numberOf, textOf } from './attribute-value';

/**
 * How a span says it came to be kept; `null` where it says nothing. A tail sampler's policy beats the threshold that
 * an earlier sampler left, since it decided last and knew how the run went.
 *
 * @see https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/tailsamplingprocessor
 */
export function readSampling({ traceState, attributes, scope }: SpanRecord): Sampling | null {
  const policy =
    textOf(attributes['tailsampling.policy']) ?? textOf(scope.attributes['tailsampling.policy']);
  const threshold = traceState === null ? null : readThreshold(traceState);
  const sequence = 'evolution.seq.number' in attributes ? readSequence(attributes) : null;
  if (policy !== null) return { basis: 'policy', probability: null, policy, sequence };
  if (threshold !== null) {
    return { basis: 'threshold', probability: threshold, policy: null, sequence };
  }
  return sequence && { basis: 'counted', probability: null, policy: null, sequence };
}

/** Probability that `ot=th:HEX` stands for: 1 - T / 2^56, where T is HEX filled up to 14 digits. */
function readThreshold(traceState: string): number | null {
  const member = /(?:^|,)\s*ot=([^,]*)/.exec(traceState)?.[1];
  const digits =
    member === undefined ? undefined : /(?:^|;)th:([0-9a-f]{1,14})(?:;|\s*$)/.exec(member)?.[1];
  if (digits === undefined) return null;
  return 1 - Number(BigInt(`0x${digits.padEnd(14, '0')}`)) / 2 ** 56;
}

function readSequence(attributes: SpanRecord['attributes']): SequenceStamp | null {
  const process = textOf(attributes['evolution.seq.process']);
  const number = numberOf(attributes['evolution.seq.number']);
  const successes = numberOf(attributes['evolution.seq.successes']) ?? 0;
  const failures = numberOf(attributes['evolution.seq.failures']) ?? 0;
  const counts = [number, successes, failures];
  if (process === null || !counts.every((count) => Number.isSafeInteger(count))) return null;
  if (number! < 1 || successes < 0 || failures < 0) return null;
  const failed = booleanOf(attributes['evolution.seq.failed']);
  return { process, number: number!, successes, failures, failed };
}
