import type { LogRecord } from '../model/span';
import type { DecodedRecords } from './decoded-records';
import { draftLog, type LogDraft, sortLog } from './log-draft';
import { readAttribute } from './protobuf-attributes';
import type { ProtobufReader } from './protobuf-reader';
import { readResource } from './protobuf-resource';
import { draftResource, type ResourceDraft } from './span-draft';

const IS_SPAN = 'this is a span, not a log record: send traces to /v1/traces';

/** Reads an `ExportLogsServiceRequest`. */
export function readLogsRequest(reader: ProtobufReader, records: DecodedRecords<LogRecord>): void {
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) readResourceLogs(reader, records);
    else reader.skip(tag);
  }
}

function readResourceLogs(reader: ProtobufReader, records: DecodedRecords<LogRecord>): void {
  reader.budget.spend();
  const outerEnd = reader.enter();
  const resource = draftResource();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) readResource(reader, resource);
    else if (tag === 0x12) readScopeLogs(reader, records, resource);
    else if (tag === 0x1a) resource.schemaUrl = reader.name() || null;
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
}

function readScopeLogs(
  reader: ProtobufReader,
  records: DecodedRecords<LogRecord>,
  resource: ResourceDraft,
): void {
  const outerEnd = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x12 && !records.skipsNext()) {
      const draft = draftLog();
      const fault = readLog(reader, draft);
      if (fault === null) sortLog(draft, resource, records);
      else records.refuse(fault);
    } else {
      reader.skip(tag);
    }
  }
  reader.leave(outerEnd);
}

/** Fills the record; gives a reason when what comes is no log record at all. */
function readLog(reader: ProtobufReader, log: LogDraft): string | null {
  const outerEnd = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x09) log.timeUnixNano = reader.fixed64();
    else if (tag === 0x32) readAttribute(reader, log);
    else if (tag === 0x38) log.droppedAttributesCount = reader.uint32();
    else if (tag === 0x4a) log.traceId = reader.id();
    else if (tag === 0x52) log.spanId = reader.id();
    else if (tag === 0x59) log.observedTimeUnixNano = reader.fixed64();
    else if (tag === 0x62) log.eventName = reader.name();
    else if (tag === 0x0a) {
      // A span has its trace id where a log record has its time.
      reader.abandon(outerEnd);
      return IS_SPAN;
    } else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return null;
}
