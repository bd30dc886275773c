import { version } from '../../package.json';
import * as api from '../api';
import { diagnoseServed } from './diagnose';
import type { Evolution } from './evolution';
import { systemClock } from './system-clock';

/** What of an `Evolution` the API serves. */
export type ServedParts = Pick<
  Evolution,
  'store' | 'sink' | 'learner' | 'adaptation' | 'experiments' | 'configurations'
>;

/** The OpenAPI document of `serve`. */
export function describeApi(): object {
  return api.describeApi(version);
}

/** As in `api`, with the clock and the name of this version. */
export function createEvolutionApi(
  evolution: ServedParts,
  options: api.EvolutionApiOptions,
): api.EvolutionApi {
  return api.createEvolutionApi(evolution, options, {
    clock: systemClock,
    tokens: evolution.store,
    version,
    diagnose: () => diagnoseServed(evolution.store),
  });
}
