import type { ImportContext, ImportedRun, ImportFormatReader, ImportRecord } from './imported-run';

/**
 * OTLP/JSON: requests, one a line as the Collector's file exporter writes them, or a single one; also
 * inside `result`, as Jaeger's query API answers. Read one resource at a time, so that a request of
 * any size fits.
 */
export const otlpJson: ImportFormatReader = {
  records: ['.resourceSpans[]', '.result.resourceSpans[]'],
  marks: ['.resourceSpans', '.result.resourceSpans'],
  open: (context) => (record) => readResourceSpans(context, record),
};

function readResourceSpans(
  { decodeOtlpJson }: ImportContext,
  { value, where }: ImportRecord,
): ImportedRun {
  const { spans, refused, overLimit = 0 } = decodeOtlpJson({ resourceSpans: [value] });
  const bad = refused.map(({ index, reason }) => ({ where: `${where}, span ${index}`, reason }));
  if (overLimit > 0) bad.push({ where, reason: `${overLimit} spans more than the decoder takes` });
  return { spans, rewards: [], refused: bad };
}
