import { types } from 'node:util';
import { interceptMethods, isFixed } from './object-proxy';
import { observeNodeStream, observeWebStream } from './observe-stream';
import { reportProblem } from './report-problem';
import type { ResultObserver } from './result-observer';

/**
 * Watches a result until the work behind it is over, and gives back a result that behaves as before:
 * a promise settles the same way, an iterator or stream hands out the same items and ends, fails or is
 * abandoned alike. What is none of these is over already, and so is what cannot be watched (frozen methods,
 * a revoked proxy, an object that throws): it comes back untouched.
 */
export function observeResult<T>(result: T, observer: ResultObserver): T {
  if ((typeof result !== 'object' && typeof result !== 'function') || result === null) {
    observer.end({ kind: 'returned', value: result });
    return result;
  }
  try {
    return observeObject(result, observer);
  } catch (error) {
    reportProblem('a result cannot be watched; it is not touched', error);
    observer.end({ kind: 'returned', value: result });
    return result;
  }
}

/** Where an error would be one of the application's own callbacks. */
function watched(value: unknown, observer: ResultObserver): unknown {
  try {
    return observeResult(value, observer);
  } catch (error) {
    reportProblem('a result cannot be watched; it is not touched', error);
    return value;
  }
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
  const onValue = (value: unknown): unknown => watched(value, observer);
  const onError = (error: unknown): never => {
    observer.end({ kind: 'failed', error });
    throw error;
  };
  if (isPlainPromise(result)) return result.then(onValue, onError) as unknown as T;
  assertWatchable(result, ['then']);
  const proxy: T = interceptMethods(result, (key, args, call) => {
    if (key === 'then') {
      const settled = settlement(call, observer, onValue);
      return settled.then(...(args as [Callback, Callback]));
    }
    if (key !== 'catch' && key !== 'finally') return call(args);
    // Both are a `then`, which must be ours; a class of its own may give them a meaning of its own.
    if (!types.isPromise(result))
      return Reflect.apply(Reflect.get(result, key) as Method, proxy, args);
    const then = (given: readonly unknown[]): unknown => result.then(...(given as [Callback]));
    return settlement(then, observer, onValue)[key](args[0] as () => void);
  });
  return proxy;
}

type Callback = ((value: unknown) => unknown) | null;

/** Starts a thenable, which may return nothing of use from its `then`, and gives a promise of its outcome. */
function settlement(
  then: (args: readonly unknown[]) => unknown,
  observer: ResultObserver,
  onValue: (value: unknown) => unknown,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onRejected = (error: Error): void => {
      observer.end({ kind: 'failed', error });
      reject(error);
    };
    try {
      observer.run(() => then([(value: unknown) => resolve(onValue(value)), onRejected]));
    } catch (error) {
      onRejected(error as Error); // whatever it is, it is passed on
    }
  });
}

/** @throws TypeError for an object that shows its methods to everybody as they are. */
function assertWatchable(target: object, keys: readonly (string | symbol)[]): void {
  const fixed = keys.find((key) => isFixed(target, key));
  if (fixed !== undefined) throw new TypeError(`${String(fixed)} is frozen`);
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
  assertWatchable(iterable, [iteratorKey, 'next', 'return', 'throw']);
  return interceptMethods(iterable, (key, args, call) => {
    if (key === iteratorKey) {
      const iterator = call(args) as object;
      return iterator === iterable ? iterator : observeIterator(iterator, iteratorKey, observer);
    }
    if (key !== 'next' && key !== 'return' && key !== 'throw') return call(args);
    return step(() => call(args), key, observer);
  });
}

function observeIterator(
  iterator: object,
  iteratorKey: typeof Symbol.asyncIterator | typeof Symbol.iterator,
  observer: ResultObserver,
): object {
  try {
    return observeIterable(iterator, iteratorKey, observer);
  } catch (error) {
    reportProblem('an iterator cannot be watched; it is not touched', error);
    observer.end({ kind: 'returned', value: undefined });
    return iterator;
  }
}

function step(
  run: () => unknown,
  name: 'next' | 'return' | 'throw',
  observer: ResultObserver,
): unknown {
  const onResult = (result: unknown): unknown => {
    noteStep(result, name, observer);
    return result;
  };
  const onError = (error: unknown): never => {
    observer.end({ kind: 'failed', error });
    throw error;
  };
  let result: unknown;
  try {
    result = observer.run(run);
  } catch (error) {
    return onError(error);
  }
  return types.isPromise(result) ? result.then(onResult, onError) : onResult(result);
}

function noteStep(
  result: unknown,
  name: 'next' | 'return' | 'throw',
  observer: ResultObserver,
): void {
  try {
    const { done, value } = (result ?? {}) as { done?: unknown; value?: unknown };
    if (!done) observer.item(value);
    else observer.end(name === 'return' ? { kind: 'abandoned' } : { kind: 'returned', value });
  } catch (error) {
    reportProblem('an item cannot be watched; it is not touched', error);
  }
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
