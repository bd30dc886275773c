import type { SpanRecord } from '../model/span';
import { completeSpan } from './complete-span';
import type { DecodedRecords } from './decoded-records';
import type { ProtobufReader } from './protobuf-reader';
import { readResource, readScope } from './protobuf-resource';
import { readSpan } from './protobuf-span';
import { draftResource, draftScope, draftSpan, type ResourceDraft } from './span-draft';

/** Reads an `ExportTraceServiceRequest`; `TracesData` has the same bytes. */
export function readTracesRequest(
  reader: ProtobufReader,
  records: DecodedRecords<SpanRecord>,
): void {
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) readResourceSpans(reader, records);
    else reader.skip(tag);
  }
}

function readResourceSpans(reader: ProtobufReader, records: DecodedRecords<SpanRecord>): void {
  reader.budget.spend();
  const outerEnd = reader.enter();
  const resource = draftResource();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) readResource(reader, resource);
    else if (tag === 0x12) readScopeSpans(reader, records, resource);
    else if (tag === 0x1a) resource.schemaUrl = reader.name() || null;
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
}

function readScopeSpans(
  reader: ProtobufReader,
  records: DecodedRecords<SpanRecord>,
  resource: ResourceDraft,
): void {
  reader.budget.spend();
  const outerEnd = reader.enter();
  const scope = draftScope();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) {
      readScope(reader, scope);
    } else if (tag === 0x12 && !records.skipsNext()) {
      const span = draftSpan(resource, scope);
      const fault = readSpan(reader, span) ?? completeSpan(span);
      if (fault === null) records.keep(span);
      else records.refuse(fault);
    } else if (tag === 0x1a) {
      scope.schemaUrl = reader.name() || null;
    } else {
      reader.skip(tag);
    }
  }
  reader.leave(outerEnd);
}
