/**
 * `experiments/lookup [calls]`: what `resolve` and `assignVariant` cost, and that neither throws when the store is
 * killed in the middle. Microseconds.
 */
import { AdaptationEngine } from '../../src/adaptation';
import { createExperiments } from '../../src/experiments';
import { MemoryAdaptationBook } from '../../test/support/memory-adaptations';
import { MemoryExperimentBook } from '../../test/support/memory-experiments';

const calls = Number(process.argv[2] ?? 100_000);
let now = 1_700_000_000_000_000_000n;
const clock = { nowUnixNano: () => now };
let ids = 0;
const newId = (): string => `id${(ids += 1)}`;

const experimentBook = new MemoryExperimentBook();
const experiments = createExperiments({
  book: experimentBook,
  executions: { readExposed: () => Promise.resolve({ executions: [], cursor: 0 }) },
  clock,
  newId,
  dimensions: () => Promise.resolve([]),
});
const { id } = await experiments.create({
  name: 'lookup',
  variants: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
  trafficSplit: [0.4, 0.3, 0.3],
  successMetric: 'success',
});

const adaptationBook = new MemoryAdaptationBook();
const knobs = Array.from({ length: 10 }, (_, i) => `knob${i}`);
const engine = new AdaptationEngine({
  book: adaptationBook,
  clock,
  newId,
  approval: 'standing',
  levers: knobs.map((knob) => ({
    knob,
    kind: 'strategy',
    values: { oneOf: ['x', 'y'] },
    initial: 'x',
    serves: { [knob]: 'y' },
  })),
});
for (const knob of knobs) {
  const effect = { estimate: 0.1, interval: { lower: 0, upper: 0.2 } };
  const pattern = {
    id: knob,
    type: 'success',
    status: 'confirmed',
    predicate: { text: knob, terms: [] },
    effect,
    context: { taskType: null },
    controllable: true,
  };
  const proposed = await engine.propose(pattern as never);
  if (proposed.kind === 'refused') throw new Error(proposed.reason);
  await engine.apply(proposed.adaptation.id, { name: 'bench', automatic: false });
}

const config = Object.fromEntries(knobs.map((knob) => [knob, 'x']));
const results = {
  assignVariant: measure((i) => experiments.assignVariant(id, `task-${i}`)),
  resolve: measure((i) => engine.resolve({ unit: `task-${i}` }, config)),
};
console.log(
  JSON.stringify({
    bench: 'experiments/lookup',
    calls,
    adaptations: knobs.length,
    microseconds: results,
  }),
);

function measure(call: (i: number) => unknown): object {
  const costs = new Float64Array(calls);
  let throws = 0;
  for (let i = 0; i < calls; i += 1) {
    if (i === Math.floor(calls / 2)) {
      experimentBook.away = true;
      adaptationBook.away = true;
      now += 3_600_000_000_000n;
    }
    const startedAt = performance.now();
    try {
      call(i);
    } catch {
      throws += 1;
    }
    costs[i] = performance.now() - startedAt;
  }
  costs.sort();
  const at = (share: number): number =>
    Math.round(1e6 * costs[Math.floor(share * (calls - 1))]!) / 1e3;
  experimentBook.away = false;
  adaptationBook.away = false;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), throws };
}
