import { ConfigError } from '../errors';
import { interceptMethods, isFixed } from './object-proxy';
import { reportProblem } from './report-problem';
import { createCallTracker, type CallTracker, type TrackingOptions } from './tracked-call';

export interface EvolutionTrackingOptions extends TrackingOptions {
  /**
   * Which methods of an object are tracked. @defaultValue those it has of `execute`, `run`, `invoke`,
   * `call`, `generate`, `stream`, `process`, `handle`, `ask`, `answer`, `chat`, `query`, `complete`, `respond`
   */
  readonly methods?: 'all' | readonly string[] | undefined;
}

/**
 * The same agent, tracked: a function, or an object of which some methods are. Results, errors, `this`,
 * private fields, getters, synchronous methods, generators and streams behave as before, and
 * `instanceof` holds. Methods that the agent calls on itself are part of the call that is under way.
 *
 * @throws ConfigError for something that is no agent, or for methods that it does not have.
 */
export function withEvolutionTracking<T extends object>(
  agent: T,
  options: EvolutionTrackingOptions = {},
): T {
  try {
    const trackCall = createCallTracker(options);
    if (typeof agent === 'function') return trackFunction(agent, trackCall);
    if (typeof agent === 'object' && agent !== null) {
      return trackObject(agent, options.methods, trackCall);
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    reportProblem('an agent runs untracked', error);
    return agent;
  }
  throw new ConfigError(`agent: expected a function or an object, got ${String(agent)}`);
}

const defaultMethods = [
  'execute',
  'run',
  'invoke',
  'call',
  'generate',
  'stream',
  'process',
  'handle',
  'ask',
  'answer',
  'chat',
  'query',
  'complete',
  'respond',
];

function trackFunction<T extends object>(agent: T, trackCall: CallTracker): T {
  const fn = agent as unknown as (...args: unknown[]) => unknown;
  const agentName = fn.name === '' ? 'anonymous' : fn.name;
  return new Proxy(agent, {
    apply(_target, thisArgument, args: unknown[]) {
      return trackCall({ agentName, method: agentName, args }, () =>
        Reflect.apply(fn, thisArgument, args),
      );
    },
  });
}

function trackObject<T extends object>(
  agent: T,
  methods: EvolutionTrackingOptions['methods'],
  trackCall: CallTracker,
): T {
  const isTracked = methodFilter(agent, methods);
  const agentName = nameOf(agent);
  return interceptMethods(agent, (key, args, call) => {
    const run = (): unknown => call(args);
    if (typeof key !== 'string' || !isTracked(key)) return run();
    return trackCall({ agentName, method: key, args }, run);
  });
}

function methodFilter(
  agent: object,
  methods: EvolutionTrackingOptions['methods'],
): (key: string) => boolean {
  if (methods === 'all') return (key) => key !== 'constructor';
  const named = new Set(methods ?? defaultMethods.filter((name) => isMethod(agent, name)));
  const missing = [...named].filter((name) => !(name in agent));
  if (missing.length > 0 || named.size === 0) {
    throw new ConfigError(
      `methods: expected methods of ${nameOf(agent)}, got ${missing.join(', ') || 'none'}`,
      { hint: `Name them with the option methods; the default is ${defaultMethods.join(', ')}.` },
    );
  }
  for (const name of named) {
    if (!isFixed(agent, name)) continue;
    reportProblem(`${nameOf(agent)}.${name} cannot be tracked`, 'the object is frozen');
  }
  return (key) => named.has(key);
}

function isMethod(agent: object, name: string): boolean {
  return typeof storedValue(agent, name) === 'function';
}

/** A property's value, also an inherited one, without running a getter. */
function storedValue(object: object | null, key: string): unknown {
  for (let at = object; at !== null; at = Reflect.getPrototypeOf(at)) {
    const found = Reflect.getOwnPropertyDescriptor(at, key);
    if (found !== undefined) return found.value;
  }
  return undefined;
}

function nameOf(agent: object): string {
  const own = storedValue(agent, 'name');
  if (typeof own === 'string' && own !== '') return own;
  const constructor = storedValue(agent, 'constructor') as { readonly name?: string } | undefined;
  return constructor?.name ?? 'agent';
}
