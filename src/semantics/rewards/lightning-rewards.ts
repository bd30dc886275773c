import type { AttributeValue } from '../../model/attributes';
import type { RewardClaim, RewardTarget } from '../../model/reward';
import type { SpanRecord } from '../../model/span';
import { parseJson, textOf } from '../attribute-value';
import type { Findings } from '../read-concepts';
import { isScore, type ReadReward, makeClaim, scoreOf } from './make-claim';

/**
 * Agent Lightning's rewards: `agentlightning.reward.<i>.name` / `.value`, of which index 0 is the
 * primary one (our `reward`) and the others are its dimensions; before 0.3 the attribute `reward` of
 * an `agentlightning.annotation` span, or AgentOps' output `{ "type": "reward", "value": … }`.
 * A dimension outside 0..1 becomes a reward of its own, so that its raw value is not lost.
 */
export function lightningRewards(
  record: SpanRecord,
  said: Findings,
  targetOf: () => RewardTarget,
): readonly RewardClaim[] {
  const keys = said.familyKeys?.get('lightningReward');
  const primaryValue = keys === undefined ? legacyReward(record) : record.attributes[PRIMARY];
  if (keys === undefined && primaryValue === undefined) return [];
  const target = targetOf();
  const judgement = (name: string, score: number | null): ReadReward => ({
    target,
    name,
    score,
    feedback: null,
    label: null,
    source: 'code',
    evaluator: null,
    timestampUnixNano: record.startTimeUnixNano,
  });
  const dimensions = Object.create(null) as Record<string, number>;
  const claims: (RewardClaim | null)[] = [];
  for (const key of keys ?? []) {
    if (!key.endsWith(VALUE) || key === PRIMARY) continue;
    const stem = key.slice(0, -VALUE.length);
    const name = textOf(record.attributes[`${stem}.name`]) ?? stem.slice(PREFIX.length);
    const score = scoreOf(record.attributes[key]);
    if (score === null || score === 'not_finite') continue;
    if (isScore(score)) dimensions[name] = score;
    else claims.push(makeClaim(judgement(name, score), [record.traceId, record.spanId, stem]));
  }
  const primary = scoreOf(primaryValue);
  const score = primary === 'not_finite' ? null : primary;
  const main = { ...judgement('reward', score), dimensions };
  claims.unshift(makeClaim(main, [record.traceId, record.spanId, 0]));
  return claims.filter((claim) => claim !== null);
}

const PREFIX = 'agentlightning.reward.';
const VALUE = '.value';
const PRIMARY = `${PREFIX}0${VALUE}`;

function legacyReward(record: SpanRecord): AttributeValue | undefined {
  const { attributes } = record;
  if (record.name === 'agentlightning.annotation' && attributes.reward !== undefined) {
    return attributes.reward;
  }
  const output = attributes['agentops.task.output'] ?? attributes['agentops.entity.output'];
  if (typeof output !== 'string' || !output.includes('"reward"')) return undefined;
  const parsed = parseJson(output) as { type?: unknown; value?: unknown } | null | undefined;
  return parsed?.type === 'reward' && typeof parsed.value === 'number' ? parsed.value : undefined;
}
