// Runs the agent on every task of the evaluation set, under the rule that is named: node evaluate.mjs first
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createEvolution, EvolutionSpanProcessor, linkReward } from 'otel-evolution';

/** How the agent finds the year of an event in a sentence. Yours asks a model, under one prompt or another. */
const rules = {
  first: (years) => years[0],
  last: (years) => years.at(-1),
};
const rule = process.argv[2] ?? 'first';
if (!Object.hasOwn(rules, rule)) throw new Error(`Which rule? ${Object.keys(rules).join(', ')}`);

const evolution = await createEvolution(); // EVOLUTION_DB_URL, else ./evolution.db
const provider = new NodeTracerProvider({
  spanProcessors: [new EvolutionSpanProcessor({ evolution })],
});
provider.register();

for (const { id, sentence, year } of makeTasks(120)) {
  // The same task under both rules is compared with itself.
  await evolution.tracker.withTask({ id, type: 'year' }, () =>
    evolution.tracker.withExecution(
      { agent: { id: 'year-agent' }, config: { rule }, attempt: 1 },
      async (span) => {
        const answer = rules[rule](sentence.match(/\b\d{4}\b/g));
        await linkReward(span, { value: answer === year ? 1 : 0, source: 'code' });
      },
    ),
  );
}
await provider.shutdown();
await evolution.close();

/** The evaluation set: three sentences of four say the year first. */
function makeTasks(count) {
  return Array.from({ length: count }, (_, i) => {
    const year = String(1900 + ((37 * i) % 120));
    const other = String(1900 + ((37 * i + 11) % 120));
    const sentence =
      i % 4 < 3 ? `Founded in ${year}, sold in ${other}.` : `Sold in ${other}, founded in ${year}.`;
    return { id: `year-${i}`, sentence, year };
  });
}
