import { types } from 'node:util';
import { observeNodeStream, observeWebStream } from './observe-stream';
import type { ResultObserver } from './result-observer';

/**
 * Watches a result until the work behind it is over, and gives back a result that behaves as before:
 * a promise settles the same way, an iterator or stream hands out the same items and ends, fails or is
 * abandoned alike. What is none of these is over already.
 */
export function observeResult<T>(result: T, observer: ResultObserver): T {
  if ((typeof result !== 'object' && typeof result !== 'function') || result === null) {
    observer.end({ kind: 'returned', value: result });
    return result;
  }
  return observeObject(result, observer);
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

function observeObject<T extends object>(result: T, observer: ResultObserver): T {
  if (methodOf(result, 'then') !== null) return observeThenable(result, observer);
  if (methodOf(result, 'pipe') !== null && methodOf(result, 'on') !== null) {
    return observeNodeStream(result, observer);
  }
  if (result instanceof ReadableStream) return observeWebStream(result, observer);
  if (methodOf(result, Symbol.asyncIterator) !== null) {
    return observeIterable(result, Symbol.asyncIterator, observer);
  }
  const isIterator = methodOf(result, 'next') !== null;
  if (isIterator && methodOf(result, Symbol.iterator) !== null) {
    return observeIterable(result, Symbol.iterator, observer);
  }
  observer.end({ kind: 'returned', value: result });
  return result;
}

/**
 * A plain promise is replaced by one that settles the same way, so that an unhandled rejection stays
 * one. Anything else that can be awaited may be lazy or have methods of its own (query builders, the
 * promises of API clients): it stays itself behind a proxy, and is not started before its time.
 */
function observeThenable<T extends object>(result: T, observer: ResultObserver): T {
  const onValue = (value: unknown): unknown => observeResult(value, observer);
  const onError = (error: unknown): never => {
    observer.end({ kind: 'failed', error });
    throw error;
  };
  if (isPlainPromise(result)) return result.then(onValue, onError) as unknown as T;
  const proxy: T = new Proxy(result, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (key === 'then') {
        return (onFulfilled: Method | null, onRejected: Method | null) =>
          observer
            .run(() => Promise.resolve(Reflect.apply(value, target, [onValue, onError])))
            .then(onFulfilled, onRejected);
      }
      // Both are written in terms of `then`, which must be ours.
      if (key === 'catch' || key === 'finally') return value.bind(proxy) as unknown;
      return (...args: unknown[]): unknown => {
        const returned: unknown = Reflect.apply(value, target, args);
        return returned === target ? proxy : returned; // builders chain
      };
    },
  });
  return proxy;
}

function isPlainPromise(value: object): value is Promise<unknown> {
  return (
    types.isPromise(value) &&
    Object.getPrototypeOf(value) === Promise.prototype &&
    Object.keys(value).length === 0
  );
}

function observeIterable<T extends object>(
  iterable: T,
  iteratorKey: typeof Symbol.asyncIterator | typeof Symbol.iterator,
  observer: ResultObserver,
): T {
  const proxy: T = new Proxy(iterable, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (key === iteratorKey) {
        return (): unknown => {
          const iterator = Reflect.apply(value, target, []) as object;
          return iterator === target ? proxy : observeIterable(iterator, iteratorKey, observer);
        };
      }
      if (key === 'next' || key === 'return' || key === 'throw') {
        return (...args: unknown[]) => step(target, value as Method, args, key, observer);
      }
      // Private fields and internal slots need the object itself.
      return value.bind(target) as unknown;
    },
  });
  return proxy;
}

function step(
  iterator: object,
  method: Method,
  args: readonly unknown[],
  name: 'next' | 'return' | 'throw',
  observer: ResultObserver,
): unknown {
  const onResult = (result: unknown): unknown => {
    const { done, value } = (result ?? {}) as { done?: unknown; value?: unknown };
    if (done !== true) observer.item(value);
    else observer.end(name === 'return' ? { kind: 'abandoned' } : { kind: 'returned', value });
    return result;
  };
  const onError = (error: unknown): never => {
    observer.end({ kind: 'failed', error });
    throw error;
  };
  let result: unknown;
  try {
    result = observer.run(() => Reflect.apply(method, iterator, args));
  } catch (error) {
    return onError(error);
  }
  return types.isPromise(result) ? result.then(onResult, onError) : onResult(result);
}

/** `null` for what is no method, or cannot even be read. */
function methodOf(target: object, key: string | symbol): Method | null {
  try {
    const value: unknown = Reflect.get(target, key);
    return typeof value === 'function' ? (value as Method) : null;
  } catch {
    return null;
  }
}
