import { parentPort, workerData } from 'node:worker_threads';
import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { getGlobalTracker } from 'otel-evolution';

const { carrier, from, to } = workerData;
const tracker = getGlobalTracker();

await context.with(propagation.extract(ROOT_CONTEXT, carrier), () =>
  tracker.withExecution({ agent: { id: 'counter' }, config: { from } }, async () => {
    const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'count' };
    parentPort.postMessage(
      await tracker.track({ name: 'execute_tool count', attributes }, async () => countPrimes()),
    );
  }),
);

function countPrimes() {
  let count = 0;
  for (let n = Math.max(from, 2); n < to; n += 1) if (isPrime(n)) count += 1;
  return count;
}

function isPrime(n) {
  for (let d = 2; d * d <= n; d += 1) if (n % d === 0) return false;
  return true;
}
