import { lazyRouteComponent } from '@tanstack/react-router';

/** The code of a page could not be read: the server is away, or was updated meanwhile. */
export class NoCodeError extends Error {
  override readonly name = 'NoCodeError';
}

/**
 * A page whose code comes when it is opened. The router reloads the document where a module is not found, which leaves nothing
 * on the screen while the server is away; so it is told of another error, which the page itself explains.
 */
export function lazyPage<T extends Record<string, unknown>, K extends keyof T & string>(
  read: () => Promise<T>,
  name: K,
) {
  return lazyRouteComponent(
    () =>
      read().catch((cause: unknown): never => {
        throw new NoCodeError('The code of this page could not be read.', { cause });
      }),
    name,
  );
}
