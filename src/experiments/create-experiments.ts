import { AssignmentDesk } from './assignment-desk';
import type { Experiments, ExperimentsOptions, ExperimentWork } from './experiments';

/** Variants are drawn at once; the code of everything else is loaded when it is first asked for. */
export function createExperiments(options: ExperimentsOptions): Experiments {
  const desk = new AssignmentDesk(options);
  let made: Promise<ExperimentWork> | null = null;
  const work = (): Promise<ExperimentWork> =>
    (made ??= import('./experiments').then(({ experimentWork }) => experimentWork(options, desk)));
  return {
    assignVariant: (id, unit) => desk.assign(id, unit),
    assignStored: (id, unit) => desk.assignStored(id, unit),
    refresh: () => desk.refresh(),
    flush: () => desk.flush(),
    create: async (input, actor) => (await work()).create(input, actor),
    changeSplit: async (id, split, actor) => (await work()).changeSplit(id, split, actor),
    rollOut: async (id, reason, actor) => (await work()).rollOut(id, reason, actor),
    stop: async (id, reason, actor) => (await work()).stop(id, reason, actor),
    get: async (id) => (await work()).get(id),
    list: async (filter) => (await work()).list(filter),
    analyze: async (id) => (await work()).analyze(id),
    observations: async (id) => (await work()).observations(id),
    history: async (id) => (await work()).history(id),
    review: async () => (await work()).review(),
  };
}
