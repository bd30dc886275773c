import { NotFoundError } from '../../errors';
import type { SpanAddress } from '../../model/span';
import type { Task } from '../../model/task';
import type { RouteContext } from '../contract/route';

export async function requireTask(id: string, { store }: RouteContext): Promise<Task> {
  const task = await store.getTask(id);
  if (task === null) throw missing('task', id);
  return task;
}

export function missing(noun: string, id: string): NotFoundError {
  return new NotFoundError(`There is no ${noun} ${JSON.stringify(id)}.`, {
    hint: `GET /api/v1/${noun}s lists what there is.`,
  });
}

/** `TRACE:SPAN` or `SPAN`. */
export function parseSpanId(id: string): SpanAddress | { readonly spanId: string } {
  const [first = '', second] = id.toLowerCase().split(':');
  return second === undefined ? { spanId: first } : { traceId: first, spanId: second };
}
