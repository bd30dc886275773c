import type { RewardClaim, RewardTarget } from '../../model/reward';
import type { SpanRecord } from '../../model/span';
import { textOf } from '../attribute-value';
import { linkedSpan } from '../carrier';
import type { Findings } from '../read-concepts';
import { makeClaim, scoreOf, sourceOf } from './make-claim';

/**
 * OpenInference annotations and evaluations: about the span they stand on; on a carrier about the
 * linked span; with `trace.` or `session.` in front about the whole trace or session.
 * @see https://github.com/Arize-ai/openinference/blob/main/spec/annotations.md
 */
export function annotations(
  record: SpanRecord,
  said: Findings,
  about: { readonly carrier: boolean; readonly sessionId: string | null },
): readonly RewardClaim[] {
  const stems = new Set<string>();
  for (const key of said.familyKeys?.get('annotation') ?? []) {
    const stem = STEM.exec(key)?.[0];
    if (stem !== undefined) stems.add(stem);
  }
  const claims: RewardClaim[] = [];
  for (const stem of stems) {
    const target = targetOf(stem, record, about);
    const claim = target === null ? null : claimOf(stem, record, target);
    if (claim !== null) claims.push(claim);
  }
  return claims;
}

const STEM =
  /^(?:trace\.|session\.)?(?:annotations\.\d{1,9}\.annotation|evaluations\.\d{1,9}\.evaluation)\./;

function claimOf(stem: string, record: SpanRecord, target: RewardTarget): RewardClaim | null {
  const text = (field: string): string | null => textOf(record.attributes[stem + field]);
  const name = text('name');
  const score = scoreOf(record.attributes[`${stem}score`]);
  if (name === null || score === 'not_finite') return null;
  return makeClaim(
    {
      target,
      name,
      score,
      feedback: text('explanation'),
      label: text('label'),
      source: sourceOf(text('annotator_kind'), 'llm'),
      evaluator: text('identifier'),
      timestampUnixNano: record.startTimeUnixNano,
    },
    [record.traceId, record.spanId, stem],
  );
}

function targetOf(
  stem: string,
  record: SpanRecord,
  about: { readonly carrier: boolean; readonly sessionId: string | null },
): RewardTarget | null {
  const { sessionId } = about;
  if (stem.startsWith('session.'))
    return sessionId === null ? null : { kind: 'session', sessionId };
  const linked = about.carrier ? linkedSpan(record) : null;
  const { traceId, spanId } = linked ?? record;
  return stem.startsWith('trace.') ? { kind: 'trace', traceId } : { kind: 'span', traceId, spanId };
}
