import { EvolutionError } from '../errors';
import { reportProblem } from './report-problem';

/** Wrong arguments of a call that was made by hand. */
export const isMistake = (error: unknown): boolean => error instanceof EvolutionError;

/** For work that takes none. */
export const noArguments = (): [] => [];

/** A piece of the application's work that is to be tracked. */
export interface TrackedWork<A extends readonly unknown[], T> {
  /** For the report, where it has to run untracked. */
  readonly what: string;
  readonly fn: (...args: A) => T;
  /** The arguments of `fn` where it runs untracked. */
  readonly bare: () => A;
  /** Whether an error before `fn` began is the caller's own mistake, to be thrown. */
  readonly isMistake: (error: unknown) => boolean;
}

/**
 * Runs `fn` the way that `tracked` runs it. Whatever goes wrong around it, `fn` runs exactly once, and the caller gets
 * what it returned, or the error that it threw.
 */
export function harmless<A extends readonly unknown[], T>(
  { what, fn, bare, isMistake }: TrackedWork<A, T>,
  tracked: (fn: (...args: A) => T) => T,
): T {
  let outcome: { readonly value: T } | { readonly error: unknown } | null = null;
  const run = (...args: A): T => {
    try {
      const value = fn(...args);
      outcome = { value };
      return value;
    } catch (error) {
      outcome = { error };
      throw error;
    }
  };
  try {
    return tracked(run);
  } catch (error) {
    // As it is, whoever caught it on the way.
    const came = outcome as { readonly value: T } | { readonly error: unknown } | null;
    if (came !== null && 'error' in came) throw came.error;
    if (came === null && isMistake(error)) throw error;
    reportProblem(what, error);
    return came === null ? fn(...bare()) : came.value;
  }
}
