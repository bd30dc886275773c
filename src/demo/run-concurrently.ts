/**
 * Works through the items in order, so many at a time. Rejects with the first error, after what was
 * under way has ended; an aborted signal starts no further item.
 */
export async function runConcurrently<Item>(
  items: readonly Item[],
  concurrency: number,
  signal: AbortSignal | undefined,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      if (failed || signal?.aborted === true) return;
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: concurrency }, worker));
  const broken = workers.find((result) => result.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
}
