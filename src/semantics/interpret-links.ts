import type { Attributes } from '../model/attributes';
import type { LinkClaim } from '../model/reward';
import type { SpanRecord } from '../model/span';
import { textOf } from './attribute-value';
import { REWARD_CARRIER, TAGS_CARRIER } from './carrier';
import { readLinkQuery } from './link-query';
import type { Findings } from './read-concepts';

/**
 * The relations a span states: its OTel span links, and its link by query. On a carrier the tags
 * are the target's, so they travel on the link.
 */
export function interpretLinks(
  record: SpanRecord,
  said: Findings,
  carried: {
    readonly carrier: boolean;
    readonly tags: readonly string[];
    readonly rewards: number;
  },
): readonly LinkClaim[] {
  const target = readLinkQuery(record, said);
  if (record.links.length === 0 && target === null) return [];
  const tags = carried.carrier ? carried.tags : [];
  const purposes = purposesOf(record, tags, carried.rewards);
  const claims = record.links.map(({ traceId, spanId, attributes }) => {
    const purpose = carried.carrier ? purposes[0] : undefined;
    const type = textOf(attributes['link.type']) ?? purpose ?? RELATED;
    return claim(type, { kind: 'span', traceId, spanId }, attributes, tags);
  });
  if (target === null) return claims;
  return [...claims, ...purposes.map((type) => claim(type, target, none, tags))];
}

const REWARD = 'reward_for_operation';
const TAGS = 'tags_for_operation';
const RELATED = 'related';

const none: Attributes = Object.freeze(Object.create(null) as Attributes);

function purposesOf(
  record: SpanRecord,
  tags: readonly string[],
  rewards: number,
): readonly string[] {
  if (record.name === REWARD_CARRIER) return [REWARD];
  if (record.name === TAGS_CARRIER) return [TAGS];
  const purposes = [...(rewards > 0 ? [REWARD] : []), ...(tags.length > 0 ? [TAGS] : [])];
  return purposes.length === 0 ? [RELATED] : purposes;
}

function claim(
  type: string,
  target: LinkClaim['target'],
  attributes: Attributes,
  tags: readonly string[],
): LinkClaim {
  return { target, type, attributes, tags: type === TAGS ? tags : [] };
}
