import { parentPort, workerData } from 'node:worker_threads';
import { type BatchSlice, decodeRequest, OtlpDecodeError, sliceBatch } from '../otlp';
import { prepareBatch } from './ingest';
import type { IntakeAnswer, IntakeQuestion, IntakeSettings, PreparedSlice } from './intake-thread';
import { loadRedactionHook } from './redaction-hook';

const { limits, redact, ...rest } = workerData as IntakeSettings;
const settings = { ...rest, hook: loadRedactionHook(redact) };

/** What is still to be prepared, by request. */
const rests = new Map<number, BatchSlice[]>();

parentPort!.on('message', (question: IntakeQuestion) => {
  if (question.ask === 'nothing') rests.delete(question.id);
  else parentPort!.postMessage(answer(question));
});

function answer(question: Exclude<IntakeQuestion, { ask: 'nothing' }>): IntakeAnswer {
  const { id } = question;
  try {
    if (question.ask !== 'first') {
      const slice = prepareNext(id);
      if (slice === null) throw new Error('There is no slice left.');
      return { id, slice };
    }
    const { batch, ...sorted } = decodeRequest(question.body, question.kind, limits);
    rests.set(id, [...sliceBatch(batch)]);
    return { id, sorted, slice: prepareNext(id) };
  } catch (error) {
    rests.delete(id);
    return error instanceof OtlpDecodeError ? { id, undecodable: error.message } : { id, error };
  }
}

function prepareNext(id: number): PreparedSlice | null {
  const rest = rests.get(id) ?? [];
  const slice = rest.shift();
  const isLast = rest.length === 0;
  if (isLast) rests.delete(id);
  if (slice === undefined) return null;
  return { from: slice.from, prepared: prepareBatch(slice.part, settings), isLast };
}
