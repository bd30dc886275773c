import { exportCsv, exportJsonl, exportOtlpJson } from '../exporters';
import type { Page, PageRequest, RecordFilter } from '../model/query';
import type { Span } from '../model/span';
import { encodeTracesJson } from '../otlp';
import { spanToWire } from '../wire';
import type { Evolution } from './evolution';

export type ExportFormat = 'otlp-json' | 'jsonl' | 'csv';

export interface ExportQuery extends RecordFilter, PageRequest {
  /** Called at the end where `limit` left spans out, with the cursor they begin at. */
  readonly onMore?: (cursor: string) => void;
}

/**
 * Every span that matches, as text in pieces; memory does not grow with their number. With `limit` at most
 * so many, from 1 without a maximum.
 */
export function exportSpans(
  { store }: Pick<Evolution, 'store'>,
  format: ExportFormat,
  query: ExportQuery,
): AsyncIterable<string> {
  const spans = readAll(store, query);
  switch (format) {
    case 'otlp-json':
      return exportOtlpJson(spans, encodeTracesJson);
    case 'jsonl':
      return exportJsonl(spans, spanToWire);
    case 'csv':
      return exportCsv(spans);
  }
}

async function* readAll(
  store: Evolution['store'],
  { limit = Infinity, cursor, onMore, ...filter }: ExportQuery,
): AsyncIterable<Span> {
  let left = limit;
  let next = cursor;
  do {
    const size = Math.min(left, 1000);
    const page: Page<Span> = await store.querySpans({ ...filter, limit: size, cursor: next });
    yield* page.items;
    left -= page.items.length;
    next = page.nextCursor ?? undefined;
  } while (next !== undefined && left > 0);
  if (next !== undefined) onMore?.(next);
}
