import type { RewardClaim, RewardTarget } from '../model/reward';
import type { LogRecord } from '../model/span';
import { textOf } from './attribute-value';
import { EVALUATION_RESULT, evaluationResult } from './rewards/evaluation-result';

/**
 * The judgement of an evaluation event (`gen_ai.evaluation.result`): about the span whose ids it
 * carries, else about the span with its `gen_ai.response.id`, else about its trace.
 */
export function interpretLog(record: LogRecord): RewardClaim | { readonly refused: string } {
  if (record.eventName !== EVALUATION_RESULT) {
    return {
      refused: `event "${record.eventName}" is not ${EVALUATION_RESULT}, the one event that is read from logs`,
    };
  }
  const target = targetOf(record);
  if (target === null) {
    return {
      refused: `${EVALUATION_RESULT} names no target; send trace and span id, or gen_ai.response.id`,
    };
  }
  const { attributes, timeUnixNano } = record;
  // A log record has no id of its own.
  const judged = verdictKeys.map((key) => textOf(attributes[key]));
  return evaluationResult(attributes, target, timeUnixNano, [String(timeUnixNano), ...judged]);
}

const verdictKeys = ['gen_ai.evaluation.score.value', 'gen_ai.evaluation.score.label'];

function targetOf(record: LogRecord): RewardTarget | null {
  const { traceId, spanId } = record;
  if (traceId !== null && spanId !== null) return { kind: 'span', traceId, spanId };
  const responseId = textOf(record.attributes['gen_ai.response.id']);
  if (responseId !== null) {
    return { kind: 'query', matches: [{ key: 'gen_ai.response.id', value: responseId }] };
  }
  return traceId === null ? null : { kind: 'trace', traceId };
}
