import { errorMonitor } from 'node:events';
import type { UnderlyingByteSource, UnderlyingSource } from 'node:stream/web';
import type { ResultObserver } from './result-observer';

/**
 * Watches a Node stream by its events and gives the same stream back. Our listeners neither start the
 * flow nor count as error handlers.
 */
export function observeNodeStream<T extends object>(stream: T, observer: ResultObserver): T {
  const emitter = stream as unknown as NodeJS.EventEmitter & { closed?: boolean };
  emitter.on(errorMonitor, (error: unknown) => observer.end({ kind: 'failed', error }));
  emitter.on('end', () => observer.end({ kind: 'returned', value: undefined }));
  emitter.on('close', () => observer.end({ kind: 'abandoned' })); // the first of these counts
  // Closed, with no event to come: it was over before. A stream just destroyed still speaks before this.
  const overBefore = (): void => observer.end({ kind: 'returned', value: undefined });
  if (emitter.closed === true) setImmediate(overBefore);
  return stream;
}

/**
 * A web stream can be read in ways that nobody can watch (`new Response(stream)`), so it is replaced by
 * one that pulls from it, chunk by chunk and no faster. Bytes stay a byte stream.
 */
export function observeWebStream<T extends object>(stream: T, observer: ResultObserver): T {
  const source = stream as unknown as ReadableStream<unknown>;
  if (source.locked) {
    observer.end({ kind: 'returned', value: stream });
    return stream;
  }
  const relay = isByteStream(source)
    ? new ReadableStream({ type: 'bytes', ...relayBytes(source, observer) })
    : new ReadableStream(relayItems(source, observer), { highWaterMark: 0 });
  return relay as unknown as T;
}

function relayItems(
  source: ReadableStream<unknown>,
  observer: ResultObserver,
): UnderlyingSource<unknown> {
  const reader = source.getReader();
  return {
    async pull(controller) {
      const { done, value } = await read(reader, observer);
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => cancel(reader, observer, reason),
  };
}

function relayBytes(
  source: ReadableStream<unknown>,
  observer: ResultObserver,
): Omit<UnderlyingByteSource, 'type'> {
  const reader = source.getReader();
  return {
    async pull(controller) {
      const { done, value } = await read(reader, observer);
      if (!done) return controller.enqueue(value as NodeJS.ArrayBufferView);
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel: (reason) => cancel(reader, observer, reason),
  };
}

async function read(reader: ReadableStreamDefaultReader<unknown>, observer: ResultObserver) {
  try {
    const result = await observer.run(() => reader.read());
    if (result.done) observer.end({ kind: 'returned', value: undefined });
    else observer.item(result.value);
    return result;
  } catch (error) {
    observer.end({ kind: 'failed', error });
    throw error;
  }
}

function cancel(
  reader: ReadableStreamDefaultReader<unknown>,
  observer: ResultObserver,
  reason: unknown,
): Promise<void> {
  observer.end({ kind: 'abandoned' });
  return reader.cancel(reason);
}

function isByteStream(stream: ReadableStream<unknown>): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}
