import type { LogRecord } from '../model/span';
import type { DecodeBudget } from './decode-budget';
import type { DecodedRecords } from './decoded-records';
import { decodeAttributes } from './json-attributes';
import {
  asObject,
  idField,
  type JsonObject,
  listField,
  textField,
  uint64Field,
} from './json-fields';
import { readRecord } from './json-record';
import { decodeResource } from './json-resource';
import { draftLog, type LogDraft, sortLog } from './log-draft';

/** Reads an `ExportLogsServiceRequest` in OTLP/JSON. */
export function readLogsJson(
  request: JsonObject,
  budget: DecodeBudget,
  records: DecodedRecords<LogRecord>,
): void {
  for (const item of listField(request, 'resourceLogs')) {
    budget.spend();
    const resourceLogs = asObject(item, 'resourceLogs element');
    const resource = decodeResource(resourceLogs, budget);
    for (const group of listField(resourceLogs, 'scopeLogs')) {
      for (const log of listField(asObject(group, 'scopeLogs element'), 'logRecords')) {
        readRecord(budget, records, () => {
          sortLog(decodeLog(asObject(log, 'log record'), budget), resource, records);
        });
      }
    }
  }
}

function decodeLog(from: JsonObject, budget: DecodeBudget): LogDraft {
  const log = draftLog();
  log.eventName = textField(from, 'eventName');
  log.traceId = idField(from, 'traceId');
  log.spanId = idField(from, 'spanId');
  log.timeUnixNano = uint64Field(from, 'timeUnixNano');
  log.observedTimeUnixNano = uint64Field(from, 'observedTimeUnixNano');
  decodeAttributes(from, log, budget);
  return log;
}
