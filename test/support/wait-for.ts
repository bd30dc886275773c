import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again and again until there is something, and gives it; throws after `timeoutMillis`. */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined | null | false>,
  timeoutMillis = 20_000,
): Promise<T> {
  for (const deadline = Date.now() + timeoutMillis; Date.now() < deadline; await sleep(100)) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
  }
  throw new Error(`${what}: not after ${timeoutMillis} ms.`);
}
