import type { RewardClaim, RewardSource } from '../model/reward';
import type { JsonObject } from './json-value';
import { asArray, asNumber, asObject, asText } from './json-value';
import { langfuseId } from './langfuse-id';
import { parseTimeUnixNano } from './parse-time';

const sourceOf: ReadonlyMap<unknown, RewardSource> = new Map([
  ['EVAL', 'llm'],
  ['ANNOTATION', 'human'],
  ['API', 'code'],
]);

/** The scores of a trace, each a judgement of the observation it names or of the whole trace. */
export function langfuseScores(trace: JsonObject): RewardClaim[] {
  return asArray(trace.scores).flatMap((entry) => {
    const score = asObject(entry) ?? {};
    const id = asText(score.id);
    const name = asText(score.name);
    const time = parseTimeUnixNano(score.timestamp) ?? parseTimeUnixNano(trace.timestamp);
    if (id === null || name === null || time === null) return [];
    return [readScore(score, { id, name, time, traceKey: String(trace.id) })];
  });
}

function readScore(
  score: JsonObject,
  { id, name, time, traceKey }: { id: string; name: string; time: bigint; traceKey: string },
): RewardClaim {
  const value = score.dataType === 'CATEGORICAL' ? null : asNumber(score.value);
  const observation = asText(score.observationId);
  const traceId = langfuseId(traceKey, 32);
  return {
    id: `langfuse:${id}`,
    target:
      observation === null
        ? { kind: 'trace', traceId }
        : { kind: 'span', traceId, spanId: langfuseId(observation, 16) },
    name,
    value: value !== null && value >= 0 && value <= 1 ? value : null,
    rawValue: value,
    dimensions: Object.create(null) as Record<string, number>,
    feedback: asText(score.comment),
    label: asText(score.stringValue),
    source: sourceOf.get(score.source) ?? 'code',
    evaluator: null,
    timestampUnixNano: time,
    supersedes: null,
  };
}
