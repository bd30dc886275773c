import type { AttributeMatch, LinkClaim } from '../../model/reward';
import type { SpanAddress } from '../../model/span';
import type { Session } from '../database/database';
import { cleanJson, cleanText } from '../schema/text';
import { hashText } from './content-hash';

export interface LinkRow {
  readonly from: SpanAddress;
  readonly claim: LinkClaim;
}

/** A stored link or reward that names its target by attributes. */
export interface OpenClaim {
  readonly kind: 'link' | 'reward';
  readonly ownerKey: number;
  readonly matches: readonly AttributeMatch[];
}

export interface WrittenLinks {
  /** Key of each link that was not there before, with its claim. */
  readonly added: readonly { readonly key: number; readonly claim: LinkClaim }[];
  readonly openClaims: readonly OpenClaim[];
}

export async function writeLinks(
  session: Session,
  links: readonly LinkRow[],
): Promise<WrittenLinks> {
  if (links.length === 0) return { added: [], openClaims: [] };
  const byAddress = new Map<string, LinkClaim>();
  const rows = links.map(({ from, claim }) => {
    const body = cleanJson(claim);
    const hash = hashText(body);
    const cleaned = JSON.parse(body) as LinkClaim;
    byAddress.set(from.traceId + from.spanId + hash, cleaned);
    const target = cleaned.target.kind === 'span' ? cleaned.target : null;
    return [
      from.traceId,
      from.spanId,
      hash,
      cleanText(claim.type),
      target?.traceId ?? null,
      target?.spanId ?? null,
      body,
    ];
  });
  const stored = await session.all<{
    key: number | string;
    trace_id: string;
    span_id: string;
    hash: string;
  }>(insertLinksSql(session), [JSON.stringify(rows)]);
  const added = stored.map((row) => ({
    key: Number(row.key),
    claim: byAddress.get(row.trace_id + row.span_id + row.hash)!,
  }));
  const openClaims = added.flatMap(({ key, claim }) =>
    claim.target.kind === 'query'
      ? [{ kind: 'link' as const, ownerKey: key, matches: claim.target.matches }]
      : [],
  );
  return { added, openClaims };
}

function insertLinksSql({ dialect }: Session): string {
  const columns = {
    trace_id: 'text',
    span_id: 'text',
    hash: 'text',
    type: 'text',
    linked_trace_id: 'text',
    linked_span_id: 'text',
    body: 'text',
  } as const;
  const names = Object.keys(columns).join(', ');
  return (
    `INSERT INTO span_links (${names}) SELECT ${names} FROM ${dialect.rows(columns)} AS given ` +
    `WHERE true ON CONFLICT DO NOTHING RETURNING key, trace_id, span_id, hash`
  );
}
