// An agent that answers "which service failed last?" from a log, and a loop that changes one of its settings:
// pattern → experiment → roll-out, and back when the world changes. node agent.mjs [database] [seed]
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createEvolution, EvolutionSpanProcessor, linkReward } from 'otel-evolution';
import { lastFailedIn, makeLog, seeded } from './world.mjs';

const settings = { window: 'head', polite: true };

const evolution = await createEvolution({
  databaseUrl: process.argv[2] ?? 'sqlite:./evolution.db',
  // The one setting that may be changed, and what it may become. Nothing else ever is.
  levers: [
    { knob: 'window', kind: 'config', values: { oneOf: ['head', 'tail'] }, initial: 'head' },
  ],
});
const provider = new NodeTracerProvider({
  spanProcessors: [new EvolutionSpanProcessor({ evolution })],
});
provider.register();

const { tracker, learner, adaptation, experiments, feedback } = evolution;
const random = seeded(Number(process.argv[3] ?? 1));
const tally = new Map(); // by phase and setting: [right, runs]
let nextTask = 0;
let hasChanged = false;

await learnFromRandomSettings(500);
const proposed = await proposeChange();
await tryChange(proposed, 800);
await rollOut(1_600);
printTable();
for (const sentence of await adaptation.explain(proposed.id)) console.log(sentence);

await provider.shutdown();
await evolution.close();

/** One run at a task that nobody had before, and its judgement. */
async function run(phase, { config, ...rest }) {
  const task = nextTask++;
  const log = makeLog(task, { hasChanged });
  const { answer, span } = await tracker.withTask({ id: `log-${task}`, type: 'last-failure' }, () =>
    tracker.withExecution({ agent: { id: 'log-agent' }, config, ...rest }, async (span) => {
      const attributes = {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'read_log',
      };
      const lines = await tracker.track({ name: 'execute_tool read_log', attributes }, async () =>
        config.window === 'head' ? log.lines.slice(0, 40) : log.lines.slice(-40),
      );
      return { answer: lastFailedIn(lines), span };
    }),
  );
  const value = answer === log.lastFailure ? 1 : 0;
  await linkReward(span, { value, source: 'code' });
  const key = `${phase}, ${config.window}`;
  const [right, runs] = tally.get(key) ?? [0, 0];
  tally.set(key, [right + value, runs + 1]);
}

async function learnFromRandomSettings(runs) {
  for (let i = 0; i < runs; i += 1) {
    const config = { window: random() < 0.5 ? 'head' : 'tail', polite: random() < 0.5 };
    await run('random settings', { config, propensities: { window: 0.5, polite: 0.5 } });
  }
  await provider.forceFlush();
  await learner.learn();
}

async function proposeChange() {
  const { items } = await learner.queryPatterns({ limit: 100 });
  for (const pattern of items.filter(({ controllable }) => controllable)) {
    const answer = await adaptation.propose(pattern, 'closed-loop');
    if (answer.kind === 'refused') continue;
    console.log(`found      ${pattern.predicate.text}`);
    console.log(`proposed   window: ${answer.adaptation.from} → ${answer.adaptation.to}`);
    return adaptation.approve(answer.adaptation.id, 'closed-loop');
  }
  throw new Error('nothing was found that a lever changes');
}

async function tryChange({ id, knob, from, to }, runs) {
  const experiment = await experiments.create({
    name: `${knob} ${to}`,
    variants: [
      { name: 'as before', config: { [knob]: from } },
      { name: 'changed', config: { [knob]: to } },
    ],
    trafficSplit: [0.5, 0.5],
    successMetric: 'success',
    rollOutWinner: false, // goes out as an adaptation, with a tenth held back
  });
  let decided = experiment;
  for (let i = 1; i <= runs && decided.status === 'running'; i += 1) {
    const { config, attributes } = experiments.assignVariant(experiment.id, `log-${nextTask}`);
    await run('experiment', { config: { ...settings, ...config }, attributes });
    if (i % 100 > 0) continue;
    await provider.forceFlush();
    await feedback.run(); // what `serve` does every ten seconds
    decided = await experiments.get(experiment.id);
  }
  const analysis = await experiments.analyze(experiment.id);
  console.log(`experiment ${analysis.decision}: ${analysis.reason}`);
  await adaptation.adopt(id, decided, analysis, 'closed-loop');
}

async function rollOut(runs) {
  const changesAt = 200 + Math.floor(200 * random());
  for (let i = 1; i <= runs; i += 1) {
    hasChanged = i > changesAt; // the loop is not told
    const { config, applied, notApplied } = adaptation.resolve(
      { unit: `log-${nextTask}`, taskType: 'last-failure' },
      settings,
    );
    const stamp = [...applied, ...notApplied].find((one) => one.attributes !== null);
    const phase = hasChanged ? 'rolled out, changed' : 'rolled out';
    await run(phase, { config, attributes: stamp?.attributes });
    if (i % 50 > 0) continue;
    await provider.forceFlush();
    for (const { step } of await feedback.run()) {
      console.log(`${step.padEnd(10)} after ${i} runs; the world changed at ${changesAt}`);
      if (step === 'roll_back') return;
    }
  }
  console.log(`kept       after ${runs} runs`);
}

function printTable() {
  for (const [key, [right, runs]] of tally) {
    const share = right / runs;
    const half = 1.96 * Math.sqrt((share * (1 - share)) / runs);
    const interval = `[${(share - half).toFixed(2)}, ${(share + half).toFixed(2)}]`;
    console.log(`${key.padEnd(24)} ${share.toFixed(2)} ${interval} right of ${runs} runs`);
  }
}
