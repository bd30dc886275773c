import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IngestBatch, Refusal, SpanSink } from '../model/ports';
import type { OpenedStore } from '../store';
import { prepareBatch, writeBatch, type IngestSettings, type PreparedBatch } from './ingest';

/** Understood and redacted in one turn of the event loop: some two milliseconds. */
const SPANS_PER_TURN = 64;

/** As `createIngest`, in the thread of an application, whose own turns come between. */
export function createIngestInTurns(
  store: Pick<OpenedStore, 'writePrepared'>,
  settings: IngestSettings,
): SpanSink {
  return { accept: async (batch) => writeBatch(store, await prepareInTurns(batch, settings)) };
}

async function prepareInTurns(
  batch: IngestBatch,
  settings: IngestSettings,
): Promise<PreparedBatch> {
  const { spans } = batch;
  if (spans.length <= SPANS_PER_TURN) return prepareBatch(batch, settings);
  const parts: { readonly from: number; readonly prepared: PreparedBatch }[] = [];
  let from = 0;
  for (; from + SPANS_PER_TURN < spans.length; from += SPANS_PER_TURN) {
    const part = spans.slice(from, from + SPANS_PER_TURN);
    parts.push({ from, prepared: prepareBatch({ spans: part }, settings) });
    await nextTurn();
  }
  // What log records bring as spans goes behind all spans.
  const last = prepareBatch({ ...batch, spans: spans.slice(from) }, settings);
  parts.push({ from, prepared: last });
  return {
    rows: {
      spans: parts.flatMap((part) =>
        part.prepared.rows.spans.map(({ index, row }) => ({ index: index + part.from, row })),
      ),
      rewards: last.rows.rewards,
      refused: parts.flatMap((part) => part.prepared.rows.refused.map(moved(part.from))),
    },
    refused: parts.flatMap((part) => part.prepared.refused.map(moved(part.from))),
    origins: last.origins,
    evaluations: { from: spans.length, logs: last.evaluations.logs },
    redactionFailed: parts.reduce((sum, { prepared }) => sum + prepared.redactionFailed, 0),
  };
}

function moved(by: number): (refusal: Refusal) => Refusal {
  return (refusal) =>
    refusal.part === 'spans' ? { ...refusal, index: refusal.index + by } : refusal;
}
