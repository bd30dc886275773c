import { context } from '@opentelemetry/api';
import { enterExposures } from '../instrumentation';

/**
 * Runs `work` where every span, in this process and, by Baggage, in those it calls, says that it is exposed to these
 * variants.
 *
 * @param exposures - Variant by experiment or `adaptation:ID`, as `provider.exposures()` gives them.
 */
export function withExposures<T>(exposures: Readonly<Record<string, string>>, work: () => T): T {
  return context.with(enterExposures(context.active(), exposures), work);
}
