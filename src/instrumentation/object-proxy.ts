import { harmless } from './harmless';
import { reportProblem } from './report-problem';

/**
 * Called in place of a method; `call` runs it on the object itself.
 *
 * @returns What the caller gets.
 */
export type MethodInterceptor = (
  key: string | symbol,
  args: readonly unknown[],
  call: (args: readonly unknown[]) => unknown,
) => unknown;

/**
 * The object as it looks from outside, with `intercept` around its methods. Getters, setters and methods run
 * on the object itself, since the proxy has none of its private fields; methods that chain stay intercepted.
 * What the language insists on showing as it is (see `isFixed`) and the constructor are shown as they are.
 */
export function interceptMethods<T extends object>(object: T, intercept: MethodInterceptor): T {
  const wrappers = new Map<
    string | symbol,
    { readonly method: object; readonly wrapper: object }
  >();

  const wrap = (key: string | symbol, method: object): object =>
    new Proxy(method, {
      apply(fn, thisArgument: unknown, args: unknown[]) {
        const self = thisArgument === proxy ? object : thisArgument;
        const work = {
          what: 'a method runs untracked',
          fn: (given: readonly unknown[]) => Reflect.apply(fn as () => unknown, self, given as []),
          bare: (): [readonly unknown[]] => [args],
          isMistake: () => false,
        };
        const result = harmless(work, (call) => intercept(key, args, call));
        return result === object ? proxy : result;
      },
    });

  const wrapperOf = (key: string | symbol, method: object): object => {
    const known = wrappers.get(key);
    if (known?.method === method) return known.wrapper;
    const wrapper = wrap(key, method);
    wrappers.set(key, { method, wrapper });
    return wrapper;
  };

  const proxy: T = new Proxy(object, {
    get(target, key, receiver) {
      const value: unknown = Reflect.get(target, key, receiver === proxy ? target : receiver);
      if (typeof value !== 'function' || key === 'constructor') return value;
      try {
        return isFixed(target, key) ? value : wrapperOf(key, value);
      } catch (error) {
        reportProblem(`${String(key)} cannot be watched; it is not touched`, error);
        // Bound, since a proxy has no private fields.
        return (...args: unknown[]) => Reflect.apply(value as () => unknown, target, args as []);
      }
    },
    set(target, key, value, receiver) {
      return Reflect.set(target, key, value, receiver === proxy ? target : receiver);
    },
  });
  return proxy;
}

/** A property that may not change, of a frozen object for example: no proxy may show another value. */
export function isFixed(target: object, key: string | symbol): boolean {
  const own = Reflect.getOwnPropertyDescriptor(target, key);
  return own !== undefined && own.configurable !== true && own.writable === false;
}
