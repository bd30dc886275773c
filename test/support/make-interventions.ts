import type { TestApi } from './api';
import { makePattern } from './make-pattern';

/** Settings that the adaptations below may change. */
export const interventionLevers = ['window', 'pace', 'tone', 'size', 'depth'].map((knob) => ({
  knob,
  kind: 'config' as const,
  values: { oneOf: ['a', 'b'] },
  initial: 'a',
}));

/** Adaptations to approve, to reject, that runs and is paused; experiments that runs and whose winner waits; a configuration: ids by name. */
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
    ['paused', 'depth'],
  ] as const) {
    const proposed = await adaptation.propose(setting(knob));
    if (proposed.kind === 'refused') throw new Error(proposed.reason);
    made.set(name, proposed.adaptation.id);
  }
  await adaptation.approve(made.get('running')!, 'ada');
  await adaptation.apply(made.get('running')!, { name: 'ada', automatic: false });
  await adaptation.pause(made.get('paused')!, 'latency', {});
  const { id } = await experiments.create({
    name: 'pace',
    variants: [{ name: 'slow' }, { name: 'fast' }],
    trafficSplit: [0.5, 0.5],
    successMetric: 'success',
  });
  made.set('experiment', id);
  made.set('decided', await makeDecided(evolution));
  const version = await configurations.record({ window: 'head' }, { actor: 'ada' });
  made.set('configuration', version.id);
  return made;
}

/** One whose winner waits for somebody, since a signal got worse. */
async function makeDecided({ experiments, store }: TestApi['evolution']): Promise<string> {
  const made = await experiments.create({
    name: 'speed',
    variants: [{ name: 'slow' }, { name: 'fast' }],
    trafficSplit: [0.5, 0.5],
    successMetric: 'success',
  });
  const decided = { status: 'decided', decision: 'ship', winner: 'fast' } as const;
  await store.updateExperiment({ ...made, ...decided, rollOutWinner: false }, 'running', {
    subject: { kind: 'experiment', id: made.id },
    atUnixNano: made.startedAtUnixNano,
    actor: 'decision rule',
    from: 'running',
    to: 'decided',
    reason: 'fast is better',
    evidence: { signals: 'cost' },
  });
  return made.id;
}
