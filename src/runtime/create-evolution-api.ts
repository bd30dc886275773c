import { version } from '../../package.json';
import * as api from '../api';
import type { Evolution } from './evolution';
import { systemClock } from './system-clock';

/** As in `api`, with the clock and the name of this version. */
export function createEvolutionApi(
  evolution: Pick<Evolution, 'store' | 'sink' | 'learner'>,
  options: api.EvolutionApiOptions,
): api.EvolutionApi {
  return api.createEvolutionApi(evolution, options, {
    clock: systemClock,
    tokens: evolution.store,
    version,
  });
}
