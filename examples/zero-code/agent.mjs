// An agent that knows nothing of otel-evolution: it speaks OpenTelemetry only, as agent frameworks do.
// node --import otel-evolution/register agent.mjs
import { readFile, readdir } from 'node:fs/promises';
import { SpanStatusCode, trace } from '@opentelemetry/api';

const tracer = trace.getTracer('file-agent');

const answer = await inSpan('invoke_agent file-agent', invokeAgent, async () => {
  const names = await useTool('list_files', () => readdir('.'));
  let longest = { name: null, size: -1 };
  for (const name of names.filter((name) => /\.m?js$/.test(name))) {
    const text = await useTool('read_file', () => readFile(name, 'utf8'));
    if (text.length > longest.size) longest = { name, size: text.length };
  }
  return longest.name;
});
console.log(`the longest program here is ${answer}`);

function invokeAgent() {
  return { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'file-agent' };
}

function useTool(tool, work) {
  const attributes = () => ({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': tool,
  });
  return inSpan(`execute_tool ${tool}`, attributes, work);
}

function inSpan(name, attributes, work) {
  return tracer.startActiveSpan(name, { attributes: attributes() }, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}
