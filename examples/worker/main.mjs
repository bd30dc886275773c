// One task, worked on by several threads: node --import otel-evolution/register main.mjs
// A worker inherits `--import`, so each thread has its own SDK; the context travels in the message.
import { Worker } from 'node:worker_threads';
import { context, propagation } from '@opentelemetry/api';
import { getGlobalTracker } from 'otel-evolution';

const threads = Number(process.argv[2] ?? 3);
const found = await getGlobalTracker().withTask({ id: 'primes', type: 'count' }, () =>
  Promise.all(Array.from({ length: threads }, (_, index) => countIn(index))),
);
console.log(`primes below ${threads * 1_000}: ${found.reduce((sum, count) => sum + count, 0)}`);

function countIn(index) {
  const carrier = {};
  propagation.inject(context.active(), carrier);
  const from = index * 1_000;
  return new Promise((resolve, reject) => {
    let count = NaN;
    const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
      workerData: { carrier, from, to: from + 1_000 },
    });
    worker.on('message', (value) => (count = value));
    worker.on('error', reject);
    // Not at the message: what the thread still holds is stored when it ends.
    worker.on('exit', () => resolve(count));
  });
}
