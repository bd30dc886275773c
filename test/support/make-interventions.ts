import type { TestApi } from './api';
import { makePattern } from './make-pattern';

/** Settings that the adaptations below may change. */
export const interventionLevers = ['window', 'pace', 'tone', 'size'].map((knob) => ({
  knob,
  kind: 'config' as const,
  values: { oneOf: ['a', 'b'] },
  initial: 'a',
}));

/** An adaptation to approve, one to reject, one that runs, an experiment and a configuration: their ids by name. */
export async function makeInterventions(
  evolution: TestApi['evolution'],
): Promise<ReadonlyMap<string, string>> {
  const made = new Map<string, string>();
  const { adaptation, experiments, configurations, store } = evolution;
  const setting = (key: string) =>
    makePattern({
      id: 'setting',
      controllable: true,
      predicate: {
        text: `config:${key}=b`,
        terms: [{ kind: 'config', key, op: '=', value: 'b' }],
      },
    });
  await store.storePattern(setting('window'));
  for (const [name, knob] of [
    ['adaptation', 'pace'],
    ['rejectable', 'tone'],
    ['running', 'size'],
  ] as const) {
    const proposed = await adaptation.propose(setting(knob));
    if (proposed.kind === 'refused') throw new Error(proposed.reason);
    made.set(name, proposed.adaptation.id);
  }
  await adaptation.approve(made.get('running')!, 'ada');
  await adaptation.apply(made.get('running')!, { name: 'ada', automatic: false });
  const { id } = await experiments.create({
    name: 'pace',
    variants: [{ name: 'slow' }, { name: 'fast' }],
    trafficSplit: [0.5, 0.5],
    successMetric: 'success',
  });
  made.set('experiment', id);
  const version = await configurations.record({ window: 'head' }, { actor: 'ada' });
  made.set('configuration', version.id);
  return made;
}
