import { parentPort, workerData } from 'node:worker_threads';
import { decodeRequest, OtlpDecodeError } from '../otlp';
import { prepareBatch } from './ingest';
import type { IntakeAnswer, IntakeQuestion, IntakeSettings } from './intake-thread';

const { limits, ...settings } = workerData as IntakeSettings;

parentPort!.on('message', ({ id, body, kind }: IntakeQuestion) => {
  parentPort!.postMessage(answer(id, body, kind));
});

function answer(
  id: number,
  body: IntakeQuestion['body'],
  kind: IntakeQuestion['kind'],
): IntakeAnswer {
  try {
    const { batch, ...sorted } = decodeRequest(body, kind, limits);
    return { id, sorted, prepared: prepareBatch(batch, settings) };
  } catch (error) {
    return error instanceof OtlpDecodeError ? { id, undecodable: error.message } : { id, error };
  }
}
