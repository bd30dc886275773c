import { diag } from '@opentelemetry/api';

/** Tells the application's diagnostic logger; never throws, whatever that logger does. */
export function reportProblem(what: string, reason?: unknown): void {
  try {
    diag.warn(`otel-evolution: ${what}`, ...(reason === undefined ? [] : [reason]));
  } catch {
    // The logger is the application's own: there is nobody left to tell.
  }
}
