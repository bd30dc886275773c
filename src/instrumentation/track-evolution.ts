import { ConfigError } from '../errors';
import { createCallTracker, type CallTracker, type TrackingOptions } from './tracked-call';

type Method = (this: unknown, ...args: never[]) => unknown;
/** What the decorator does in either form: standard (TC39), or legacy (`experimentalDecorators`). */
export interface TrackEvolutionDecorator {
  <M extends (this: unknown, ...args: never[]) => unknown>(
    method: M,
    context: ClassMethodDecoratorContext,
  ): M;
  <M>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): TypedPropertyDescriptor<M>;
}

/**
 * Decorates a method so that its calls are tracked as by `withEvolutionTracking`; the agent's name is
 * that of the object's class.
 *
 * @throws ConfigError where it decorates anything else than a method.
 */
export function TrackEvolution(options: TrackingOptions = {}): TrackEvolutionDecorator {
  const trackCall = createCallTracker(options);
  function decorate(
    first: unknown,
    second: ClassMethodDecoratorContext | string | symbol,
    descriptor?: PropertyDescriptor,
  ): unknown {
    if (typeof second === 'object') {
      if (second.kind !== 'method') throw notAMethod(second.kind);
      return trackMethod(first as Method, String(second.name), trackCall);
    }
    const method: unknown = descriptor?.value;
    if (typeof method !== 'function') throw notAMethod(String(second));
    return { ...descriptor, value: trackMethod(method as Method, String(second), trackCall) };
  }
  return decorate as TrackEvolutionDecorator;
}

function trackMethod(method: Method, name: string, trackCall: CallTracker): Method {
  return new Proxy(method, {
    apply(target, self: unknown, args: never[]) {
      return trackCall({ agentName: classNameOf(self), method: name, args }, () =>
        Reflect.apply(target, self, args),
      );
    },
  });
}

function classNameOf(self: unknown): string {
  if (typeof self === 'function') return self.name; // a static method
  const { constructor } = (self ?? {}) as { constructor?: { name?: string } };
  return constructor?.name ?? 'agent';
}

function notAMethod(what: string): ConfigError {
  return new ConfigError(`TrackEvolution: expected a method to decorate, got ${what}`);
}
