// The log of an LLM gateway as OTLP/JSON lines: one JSON object a call on stdin, one execution a run on stdout.
//   { "run", "agent", "benchmark", "task", "start", "end" (unix seconds), "status": "success" | "failure", "model",
//     "error_class", "error_code", "prompt_tokens", "completion_tokens", "tools": ["shell", …] | null }
// What your gateway calls these, change in `spansOf`. The log holds no judgement: a run counts as failed where its
// last call failed.
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';

const runs = new Map();
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === '') continue;
  const call = JSON.parse(line);
  // Without an instant it is no call, but a record that none was made.
  if (call.start === null || call.end === null) continue;
  runs.set(call.run, [...(runs.get(call.run) ?? []), call]);
}
for (const [run, calls] of runs) {
  console.log(
    JSON.stringify({
      resourceSpans: [
        {
          resource: { attributes: attributes({ 'service.name': 'gateway' }) },
          scopeSpans: [{ scope: { name: 'gateway-log' }, spans: spansOf(run, calls) }],
        },
      ],
    }),
  );
}

function spansOf(run, calls) {
  calls.sort((a, b) => a.start - b.start);
  const [first] = calls;
  const last = calls.at(-1);
  const traceId = id(run, 32);
  const rootId = id(`${run} root`, 16);
  const root = {
    ...{ traceId, spanId: rootId, name: `invoke_agent ${first.agent}`, kind: 1 },
    startTimeUnixNano: nanos(first.start),
    endTimeUnixNano: nanos(Math.max(...calls.map(({ end }) => end))),
    status: statusOf(last),
    attributes: attributes({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': first.agent,
      'task.id': `${first.benchmark}-${first.task}`,
      // Every task was run once: its benchmark is what a run can be compared with.
      'task.group': first.benchmark,
      'task.type': first.benchmark,
      'execution.id': run,
    }),
  };
  return [root, ...calls.flatMap((call, i) => callSpans(call, i, { traceId, rootId, run }))];
}

/** The model's call, and the tools that it asked for, which ran where the gateway cannot see them. */
function callSpans(call, i, { traceId, rootId, run }) {
  const span = (name, place, more, status) => ({
    ...{ traceId, spanId: id(`${run} ${place}`, 16), parentSpanId: rootId, name, kind: 3 },
    startTimeUnixNano: nanos(call.start),
    endTimeUnixNano: nanos(call.end),
    status,
    attributes: attributes(more),
  });
  const chat = span(
    `chat ${call.model}`,
    i,
    {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': call.model,
      'gen_ai.usage.input_tokens': call.prompt_tokens,
      'gen_ai.usage.output_tokens': call.completion_tokens,
      'error.type': call.error_code ?? call.error_class,
    },
    statusOf(call),
  );
  const tools = (call.tools ?? []).map((tool, t) =>
    span(
      `execute_tool ${tool}`,
      `${i} ${t}`,
      { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': tool },
      {},
    ),
  );
  return [chat, ...tools];
}

function statusOf({ status, error_class: error }) {
  return status === 'failure' ? { code: 2, message: error ?? '' } : { code: 1 };
}

/** Ids come from the names, so that a log that is imported twice is stored once. */
function id(text, length) {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

function nanos(seconds) {
  return String(BigInt(Math.round(seconds * 1e6)) * 1000n);
}

function attributes(values) {
  return Object.entries(values).flatMap(([key, value]) => {
    if (value === null || value === undefined) return [];
    return [
      {
        key,
        value: Number.isInteger(value) ? { intValue: String(value) } : { stringValue: value },
      },
    ];
  });
}
