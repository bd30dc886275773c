// An agent that answers "which Markdown file here is the longest?", watched by otel-evolution beside
// the exporter it already had. Run it in any folder: node agent.mjs
import { readFile, readdir } from 'node:fs/promises';
import {
  ConsoleSpanExporter,
  BatchSpanProcessor,
  NodeTracerProvider,
} from '@opentelemetry/sdk-trace-node';
import {
  createEvolution,
  EvolutionSpanProcessor,
  linkReward,
  queryRewardsForOperation,
} from 'otel-evolution';

const evolution = await createEvolution({
  databaseUrl: process.argv[2] ?? 'sqlite:./evolution.db',
});
const provider = new NodeTracerProvider({
  spanProcessors: [
    new EvolutionSpanProcessor({ evolution }), // the one new line
    new BatchSpanProcessor(new ConsoleSpanExporter()), // what was there before: Jaeger, Zipkin, any OTLP backend
  ],
});
provider.register();

const { tracker } = evolution;
const unit = ['bytes', 'lines'][Math.floor(Math.random() * 2)];
const { answer, span } = await tracker.withTask(
  { type: 'longest-file', input: 'Which Markdown file is the longest?' },
  () =>
    tracker.withExecution(
      {
        agent: { id: 'file-agent', version: '1.0.0' },
        config: { unit },
        propensities: { unit: 0.5 },
      },
      findLongest,
    ),
);

await linkReward(span, { value: answer === null ? 0 : 1, source: 'code', evaluator: 'found-one' });
await provider.forceFlush();

const [reward] = await queryRewardsForOperation(span);
const { items } = await evolution.store.listExecutions({ agentId: 'file-agent', limit: 1 });
process.stderr.write(
  `longest by ${unit}: ${answer}; reward ${reward.value}; ${items[0].toolCalls} tool calls stored\n`,
);

await provider.shutdown();
await evolution.close();

async function findLongest(span) {
  const names = await useTool('list_files', () => readdir('.'));
  let longest = { name: null, size: -1 };
  for (const name of names.filter((name) => name.endsWith('.md'))) {
    const text = await useTool('read_file', () => readFile(name, 'utf8'));
    const size = unit === 'bytes' ? text.length : text.split('\n').length;
    if (size > longest.size) longest = { name, size };
  }
  return { answer: longest.name, span };
}

function useTool(tool, run) {
  const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': tool };
  return tracker.track({ name: `execute_tool ${tool}`, attributes }, run);
}
