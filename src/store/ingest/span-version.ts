import { createHmac } from 'node:crypto';
import type { SpanRecord } from '../../model/span';
import { int64Text } from '../schema/json-values';
import type { OwnColumns } from '../schema/span-table';
import { cleanJson, cleanText } from '../schema/text';
import { restText } from './prepared-span';

/** Two versions of one span are told apart by this. */
export interface SpanVersion {
  readonly endTimeUnixNano: bigint | null;
  /** Of what the sender sent, never of what we derived or redacted from it. */
  readonly hash: string;
}

/**
 * Hash of a span as it was sent, under a key of the store, since it covers content that is not kept. The same whether
 * it is made from the record or from a row that redaction left alone.
 */
export function hashSent(span: SpanRecord, key: Uint8Array): string {
  return keyed(
    key,
    contentOf(
      {
        parent_span_id: span.parentSpanId,
        name: cleanText(span.name),
        kind: span.kind,
        flags: span.flags,
        start_time: int64Text(span.startTimeUnixNano),
        end_time: span.endTimeUnixNano === null ? null : int64Text(span.endTimeUnixNano),
        status_code: span.status.code,
      },
      cleanJson(span.attributes),
      restText(span),
    ),
  );
}

type SentColumns = Pick<
  OwnColumns,
  'parent_span_id' | 'name' | 'kind' | 'flags' | 'start_time' | 'end_time' | 'status_code'
>;

/** Of a stored or prepared row: what it was given, else of what it holds. */
export function hashOfRow(
  columns: SentColumns & Pick<OwnColumns, 'sent_hash'>,
  attributes: string,
  rest: string,
  key: Uint8Array,
): string {
  if (columns.sent_hash !== null) return String(columns.sent_hash);
  return keyed(key, contentOf(columns, attributes, rest));
}

function contentOf(columns: SentColumns, attributes: string, rest: string): string {
  const text = (value: string | number | null): string | null =>
    value === null ? null : String(value);
  const own = JSON.stringify([
    text(columns.parent_span_id),
    text(columns.name),
    text(columns.kind),
    text(columns.flags),
    text(columns.start_time),
    text(columns.end_time),
    text(columns.status_code),
  ]);
  // No line of JSON holds the end of another; as strings within it the long texts would be escaped a second time.
  return `${own}\n${attributes}\n${rest}`;
}

function keyed(key: Uint8Array, content: string): string {
  return createHmac('sha256', key).update(content).digest('hex').slice(0, 32);
}

/**
 * Positive when `a` stays: finished beats unfinished, then the later end, then the larger hash. Zero for the same
 * content. Any order of arrival ends in the same row.
 */
export function compareVersions(a: SpanVersion, b: SpanVersion): number {
  const endA = a.endTimeUnixNano ?? -1n;
  const endB = b.endTimeUnixNano ?? -1n;
  if (endA !== endB) return endA > endB ? 1 : -1;
  return a.hash === b.hash ? 0 : a.hash > b.hash ? 1 : -1;
}
