import { z } from 'zod';
import { InputError } from '../../errors';
import type { IngestResult } from '../../model/ports';
import type { SpanRecord } from '../../model/span';
import {
  type IngestedJson,
  ingestedSchema,
  spanFromWire,
  spanInputSchema,
  spanPageSchema,
  spanSchema,
  spanToWire,
  tracePageSchema,
  traceParts,
  traceSchema,
  traceSkeletonToWire,
  traceSummarySchema,
  traceSummaryToWire,
  traceToWire,
} from '../../wire';
import { checked } from '../contract/checked';
import { listRoute } from '../contract/list-route';
import { recordQuery, textList, toRecordFilter } from '../contract/query-schemas';
import { defineRoute, type Route, type RouteContext } from '../contract/route';
import { missing, parseSpanId, requireTask } from './look-up';

/** Spans of one request; more go by OTLP or in parts. */
const maxBatch = 10_000;

const idParams = z.object({ id: z.string().min(1) });

const batchSchema = z.strictObject({ spans: z.array(z.unknown()).min(1).max(maxBatch) });

const batchInDocument = z
  .strictObject({ spans: z.array(spanInputSchema).min(1).max(maxBatch) })
  .meta({
    id: 'SpanBatch',
    examples: [
      {
        spans: [
          {
            trace_id: '0af7651916cd43dd8448eb211c80319c',
            span_id: 'b7ad6b7169203331',
            name: 'execute_tool search',
            start_time_unix_nano: '1769846400000000000',
            end_time_unix_nano: '1769846400300000000',
            attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' },
          },
        ],
      },
    ],
  });

export const spanRoutes: readonly Route[] = [
  defineRoute({
    id: 'createSpan',
    method: 'post',
    path: '/spans',
    scope: 'ingest',
    tag: 'Spans',
    summary:
      'Store a span. The same span again is one row, and a finished one beats an unfinished.',
    body: spanInputSchema,
    answers: { 201: spanSchema },
    handle: ({ body }, context) => storeSpan(spanFromWire(body), context),
  }),
  defineRoute({
    id: 'createSpans',
    method: 'post',
    path: '/spans/batch',
    scope: 'ingest',
    tag: 'Spans',
    summary: 'Store many spans in one transaction; a bad one refuses itself only.',
    body: batchSchema,
    bodyInDocument: batchInDocument,
    answers: { 201: ingestedSchema, 207: ingestedSchema },
    async handle({ body }, context) {
      const ingested = await storeSpans(body.spans, context);
      return { status: ingested.refused === 0 ? 201 : 207, body: ingested };
    },
  }),
  listRoute({
    id: 'listSpans',
    path: '/spans',
    tag: 'Spans',
    summary: 'Spans, in the order of their start.',
    query: recordQuery,
    item: spanSchema,
    page: spanPageSchema,
    toWire: spanToWire,
    read: ({ query }, page, { store }) => store.querySpans({ ...toRecordFilter(query), ...page }),
  }),
  defineRoute({
    id: 'getSpan',
    method: 'get',
    path: '/spans/{id}',
    scope: 'read',
    tag: 'Spans',
    summary: 'One span, whole: `TRACE_ID:SPAN_ID`, or a span id alone where it is unique.',
    params: idParams,
    answers: { 200: spanSchema },
    etag: true,
    problems: [404],
    async handle({ params }, { store }) {
      const span = await store.getSpan(parseSpanId(params.id));
      if (span === null) throw missing('span', params.id);
      return { status: 200, body: spanToWire(span) };
    },
  }),
  defineRoute({
    id: 'createTaskSpan',
    method: 'post',
    path: '/tasks/{id}/spans',
    scope: 'ingest',
    tag: 'Tasks',
    summary: 'Store a span of a task that exists.',
    params: idParams,
    body: spanInputSchema,
    answers: { 201: spanSchema },
    problems: [404],
    async handle({ params, body }, context) {
      const { id } = await requireTask(params.id, context);
      if (body.task_id !== undefined && body.task_id !== id) {
        throw new InputError(
          `"task_id" is ${JSON.stringify(body.task_id)}, the path names ${JSON.stringify(id)}.`,
        );
      }
      return storeSpan(spanFromWire({ ...body, task_id: id }), context);
    },
  }),
  listRoute({
    id: 'listTaskSpans',
    path: '/tasks/{id}/spans',
    tag: 'Tasks',
    summary: 'The spans of a task.',
    params: idParams,
    query: recordQuery.omit({ task_id: true }),
    item: spanSchema,
    page: spanPageSchema,
    toWire: spanToWire,
    problems: [404],
    async read({ params, query }, page, context) {
      const { id } = await requireTask(params.id, context);
      return context.store.querySpans({ ...toRecordFilter(query), taskId: id, ...page });
    },
  }),
];

export const traceRoutes: readonly Route[] = [
  listRoute({
    id: 'listTraces',
    path: '/traces',
    tag: 'Traces',
    summary: 'Traces, the latest first.',
    query: recordQuery,
    item: traceSummarySchema,
    page: tracePageSchema,
    toWire: traceSummaryToWire,
    read: ({ query }, page, { store }) => store.listTraces({ ...toRecordFilter(query), ...page }),
  }),
  defineRoute({
    id: 'getTrace',
    method: 'get',
    path: '/traces/{id}',
    scope: 'read',
    tag: 'Traces',
    summary: 'All spans of a trace as a skeleton, with the parts that `include` names.',
    params: idParams,
    query: z.strictObject({
      include: textList
        .pipe(z.array(z.enum(traceParts)))
        .optional()
        .meta({ description: `Any of ${traceParts.join(', ')}.` }),
    }),
    answers: { 200: traceSchema },
    etag: true,
    problems: [404],
    async handle({ params, query }, { store }) {
      const traceId = params.id.toLowerCase();
      const { include = [] } = query;
      const trace =
        include.length === 0
          ? traceSkeletonToWire(traceId, await store.getTraceSkeleton(traceId))
          : traceToWire(traceId, await store.getTrace(traceId), include);
      if (trace.items.length === 0) throw missing('trace', params.id);
      return { status: 200, body: trace };
    },
  }),
];

async function storeSpan(record: SpanRecord, { sink, store }: RouteContext) {
  const { refused } = await sink.accept({ spans: [record] });
  if (refused[0])
    throw new InputError(`The span was refused: ${refused[0].reason}.`, { code: 'input_refused' });
  const span = await store.getSpan(record);
  if (span === null)
    throw new Error(`A stored span is not found: ${record.traceId}:${record.spanId}`);
  const headers = { location: `spans/${record.traceId}:${record.spanId}` };
  return { status: 201 as const, body: spanToWire(span), headers };
}

type Item = IngestedJson['items'][number];

/** Each item is checked alone; what passes is stored together. */
async function storeSpans(
  given: readonly unknown[],
  { sink, noteRefused }: RouteContext,
): Promise<IngestedJson> {
  const items = given.map(readItem);
  const records = items.flatMap(({ record }) => (record === null ? [] : [record]));
  const result: IngestResult =
    records.length === 0
      ? { accepted: 0, duplicates: 0, refused: [] }
      : await sink.accept({ spans: records });
  const reasons = new Map(
    result.refused
      .filter(({ part }) => part === 'spans')
      .map(({ index, reason }) => [index, reason]),
  );
  let place = -1;
  const outcomes = items.map(({ record, item }): Item => {
    if (record === null) return item;
    place += 1;
    const reason = reasons.get(place);
    return reason === undefined ? item : { ...item, outcome: 'refused', reason };
  });
  for (const { reason } of outcomes) if (reason !== null) noteRefused(reason);
  const refused = outcomes.filter(({ outcome }) => outcome === 'refused').length;
  return {
    stored: outcomes.length - refused,
    duplicates: result.duplicates,
    refused,
    items: outcomes,
  };
}

function readItem(value: unknown, index: number): { record: SpanRecord | null; item: Item } {
  const item = { index, trace_id: null, span_id: null, reason: null, hint: null };
  try {
    const record = spanFromWire(checked(spanInputSchema, value, 'field'));
    const { traceId, spanId } = record;
    return { record, item: { ...item, outcome: 'stored', trace_id: traceId, span_id: spanId } };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const refused = { outcome: 'refused', reason: error.message, hint: error.hint } as const;
    return { record: null, item: { ...item, ...refused } };
  }
}
