export const timedOut: unique symbol = Symbol('timed out');

/**
 * What `work` resolves to, or `timedOut`; rejects as it rejects.
 *
 * @param keepAlive - Whether the wait alone keeps the process from ending.
 */
export async function within<T>(
  timeoutMillis: number,
  work: Promise<T>,
  { keepAlive }: { readonly keepAlive: boolean },
): Promise<T | typeof timedOut> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<typeof timedOut>((resolve) => {
    timer = setTimeout(() => resolve(timedOut), timeoutMillis);
    if (!keepAlive) timer.unref();
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
