import { exportCsv, exportJsonl, exportOtlpJson } from '../exporters';
import type { RecordFilter } from '../model/query';
import type { Span } from '../model/span';
import { encodeTracesJson } from '../otlp';
import { toWire } from '../wire';
import type { Evolution } from './evolution';

export type ExportFormat = 'otlp-json' | 'jsonl' | 'csv';

/** Every span that matches, as text in pieces; memory does not grow with their number. */
export function exportSpans(
  { store }: Pick<Evolution, 'store'>,
  format: ExportFormat,
  filter: RecordFilter,
): AsyncIterable<string> {
  const spans = readAll(store, filter);
  switch (format) {
    case 'otlp-json':
      return exportOtlpJson(spans, encodeTracesJson);
    case 'jsonl':
      return exportJsonl(spans, toWire);
    case 'csv':
      return exportCsv(spans);
  }
}

async function* readAll(store: Evolution['store'], filter: RecordFilter): AsyncIterable<Span> {
  let cursor: string | undefined;
  do {
    const page = await store.querySpans({ ...filter, limit: 1000, cursor });
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
