import type { PriorRuns } from '../instrumentation';
import type { EvolutionStore } from '../model/ports';
import { withoutTracing } from '../otel';
import { systemClock } from './system-clock';

/** Of a task with more runs than these the number of a further one is a guess as good as any. */
const counted = 1_000;

/** What the store knows of a task's runs that began before now. */
export function findPriorRuns(
  store: Pick<EvolutionStore, 'listExecutions'>,
  taskId: string,
): Promise<PriorRuns> {
  const untilUnixNano = systemClock.nowUnixNano();
  return withoutTracing(async () => {
    const { items } = await store.listExecutions({ taskId, untilUnixNano, limit: counted });
    return { started: items.length, failed: items.filter(isFailed).length };
  });
}

function isFailed({ status, success }: { status: string; success: boolean | null }): boolean {
  return success === null ? status === 'failed' || status === 'timed_out' : !success;
}
