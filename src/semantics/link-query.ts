import type { LinkTarget, AttributeMatch } from '../model/reward';
import type { SpanRecord } from '../model/span';
import { textOf } from './attribute-value';
import type { Findings } from './read-concepts';

/**
 * The target that `agentlightning.link.<i>.key_match` / `.value_match` describe: all pairs together
 * are one query. A query for a trace id and a span id alone is that span.
 */
export function readLinkQuery(record: SpanRecord, said: Findings): LinkTarget | null {
  const keys = said.familyKeys?.get('lightningLink');
  if (keys === undefined) return null;
  const matches: AttributeMatch[] = [];
  for (const keyOfKey of keys) {
    if (!keyOfKey.endsWith(KEY_MATCH)) continue;
    const keyOfValue = keyOfKey.slice(0, -KEY_MATCH.length) + VALUE_MATCH;
    const key = textOf(record.attributes[keyOfKey]);
    const value = textOf(record.attributes[keyOfValue]);
    // Half a pair would match too much.
    if (key === null || value === null) return null;
    matches.push({ key, value });
  }
  return matches.length === 0 ? null : (addressIn(matches) ?? { kind: 'query', matches });
}

const KEY_MATCH = '.key_match';
const VALUE_MATCH = '.value_match';

function addressIn(matches: readonly AttributeMatch[]): LinkTarget | null {
  if (matches.length !== 2) return null;
  const traceId = matches.find(({ key }) => key === 'trace_id')?.value.toLowerCase();
  const spanId = matches.find(({ key }) => key === 'span_id')?.value.toLowerCase();
  return traceId === undefined || spanId === undefined ? null : { kind: 'span', traceId, spanId };
}
