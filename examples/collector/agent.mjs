// A small agent that is traced by the standard OpenTelemetry SDK and knows nothing of otel-evolution:
// it looks for the largest file of a folder and may open a few only. Afterwards its answer is judged.
//
//   node agent.mjs [FOLDER]     sends to OTEL_EXPORTER_OTLP_ENDPOINT (http://127.0.0.1:4318)
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const folder = resolve(process.argv[2] ?? '.');
const maxFiles = 5;

const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'largest-file', 'agent.version': '1.0.0' }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();
const tracer = provider.getTracer('largest-file');

const { answer, context } = await runAgent();
const accuracy = answer === (await findLargest(await listFiles())) ? 1 : 0;
// Feedback travels like any span: one link says which span is judged.
tracer
  .startSpan('evolution.reward', {
    attributes: { 'reward.name': 'accuracy', 'reward.value': accuracy, 'reward.source': 'code' },
    links: [{ context, attributes: { 'link.type': 'reward_for_operation' } }],
  })
  .end();
await provider.shutdown(); // sends what waits
console.log(JSON.stringify({ traceId: context.traceId, answer, accuracy }));

function runAgent() {
  const attributes = {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'largest-file',
    'task.id': `largest-file:${folder}`,
    'task.type': 'largest-file',
    'agent.config': JSON.stringify({ max_files: maxFiles }),
  };
  return tracer.startActiveSpan('invoke_agent largest-file', { attributes }, async (span) => {
    const names = await callTool('list_files', listFiles);
    const seen = [];
    for (const name of names.slice(0, maxFiles)) {
      seen.push({ name, size: await callTool('read_file', () => readSize(name)) });
    }
    span.end();
    return { answer: largest(seen), context: span.spanContext() };
  });
}

function callTool(name, work) {
  const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name };
  return tracer.startActiveSpan(`execute_tool ${name}`, { attributes }, (span) =>
    work().finally(() => span.end()),
  );
}

async function listFiles() {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

async function readSize(name) {
  return (await readFile(join(folder, name))).length;
}

async function findLargest(names) {
  return largest(
    await Promise.all(names.map(async (name) => ({ name, size: await readSize(name) }))),
  );
}

function largest(files) {
  return [...files].sort((a, b) => b.size - a.size)[0]?.name ?? null;
}
