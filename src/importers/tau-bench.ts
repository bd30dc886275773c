import { newScope } from '../model/new-span';
import type { Resource } from '../model/span';
import type { ImportContext, ImportedRun, ImportFormatReader, ImportRecord } from './imported-run';
import { refusedRun } from './imported-run';
import type { ConversationCall, ConversationMessage } from './conversation-spans';
import { conversationSpans } from './conversation-spans';
import { canonicalJson, hashHex } from './ids';
import { asArray, asNumber, asObject, asText, member } from './json-value';
import type { JsonObject } from './json-value';
import { judge } from './reward-claim';
import { toAttributes } from './to-attributes';

/**
 * Trajectories of sierra-research/tau-bench: an array of runs without times. The agent stands only
 * in the file's name (`gpt-4o-airline.json`, or as the benchmark's own runner names its results), the
 * environment in the policy of the system message. A run that ended by an exception has no messages,
 * so its environment is that of its neighbours.
 */
export const tauBench: ImportFormatReader = {
  records: ['[]', ''],
  marks: ['[].traj', '[].trial', '.traj'],
  open(context) {
    const file: FileState = { env: environmentOfName(context.name) };
    return (record) => readRun(context, file, record);
  },
};

/** Times are made up: no run begins before its benchmark was published. */
const originUnixNano = BigInt(Date.UTC(2024, 10, 22)) * 1_000_000n;
const millisecond = 1_000_000n;

interface FileState {
  /** Of the run before, until then of the file's name. */
  env: string | null;
}

function readRun(
  { name }: ImportContext,
  file: FileState,
  { value, where }: ImportRecord,
): ImportedRun {
  const run = asObject(value);
  const taskId = asNumber(run?.task_id);
  const trial = asNumber(run?.trial);
  if (run === null || taskId === null || trial === null || !Array.isArray(run.traj)) {
    return refusedRun(where, 'expected a run with task_id, trial and traj');
  }
  const start = startTime(taskId, trial);
  const messages = asArray(run.traj).map((message, index) =>
    readMessage(asObject(message) ?? {}, start + BigInt(index) * millisecond),
  );
  file.env = environmentOf(messages) ?? file.env;
  const env = file.env ?? 'unknown';
  const agent = agentOf(name, env);
  const failure = failureOf(run.info);
  const end = messages.at(-1)?.timeUnixNano ?? start;
  // The content tells runs of different agents apart, whatever the file is called.
  const executionId = `tau-bench:${env}:${taskId}:${trial}:${hashHex(12, canonicalJson(run))}`;
  const spans = conversationSpans({
    executionId,
    taskId: `tau-bench:${env}:${taskId}`,
    agentName: agent,
    model: agent,
    startTimeUnixNano: start,
    endTimeUnixNano: end,
    messages,
    status: { code: failure === null ? 0 : 2, message: failure?.message ?? null },
    attributes: toAttributes({
      'task.type': env,
      'execution.attempt': 1,
      'execution.replication': trial,
      'execution.status': failure === null ? 'completed' : 'failed',
      'error.type': failure?.type ?? null,
      'evolution.time.synthetic': true,
    }),
    resource: resourceOf(agent),
    scope: newScope('tau-bench'),
  });
  const judged = { executionId, reward: run.reward, breakdown: {}, evaluator: 'tau-bench' };
  return { spans, ...judge({ ...judged, timestampUnixNano: end, where }) };
}

function resourceOf(agent: string | null): Resource {
  return {
    attributes: toAttributes({
      'service.name': 'tau-bench',
      'agent.id': agent,
      'agent.name': agent,
    }),
    droppedAttributesCount: 0,
    schemaUrl: null,
  };
}

/** The runner notes an exception of the agent or its model; the first line says what, its trace which. */
function failureOf(info: unknown): { readonly type: string; readonly message: string } | null {
  const error = asText(member(info, 'error'));
  if (error === null) return null;
  const message = error.split('\n', 1)[0] as string;
  const raised = asText(member(info, 'traceback'))?.trimEnd().split('\n').at(-1);
  const type = /^([A-Za-z_][\w.]{0,200})(?::|$)/.exec(raised ?? '')?.[1];
  return { type: type?.slice(type.lastIndexOf('.') + 1) ?? 'exception', message };
}

/** From the ids alone, so that a part of a file gives the same times as the whole: trials in turn. */
function startTime(taskId: number, trial: number): bigint {
  const seconds = Math.trunc(trial) * 3_600 + Math.trunc(taskId);
  return originUnixNano + BigInt(Math.max(0, seconds)) * 1_000_000_000n;
}

function readMessage(message: JsonObject, timeUnixNano: bigint): ConversationMessage {
  const role = asText(message.role) ?? 'unknown';
  const content = asText(message.content);
  return {
    role,
    content,
    timeUnixNano,
    calls: asArray(message.tool_calls).map((call) => readCall(call, role)),
    toolCallId: asText(message.tool_call_id),
    failed: role === 'tool' && content !== null && content.startsWith('Error'),
    inputTokens: null,
    outputTokens: null,
    costUsd: null,
  };
}

function readCall(call: unknown, requestor: string): ConversationCall {
  const called = member(call, 'function');
  return {
    id: asText(member(call, 'id')) ?? '',
    name: asText(member(called, 'name')) ?? 'unknown',
    arguments: asText(member(called, 'arguments')) ?? '{}',
    requestor,
  };
}

function environmentOf(messages: readonly ConversationMessage[]): string | null {
  const policy = messages.find(({ role }) => role === 'system')?.content ?? '';
  return /^#\s*(\w+) agent policy/im.exec(policy)?.[1]?.toLowerCase() ?? null;
}

function environmentOfName(name: string): string | null {
  return /-([a-z]+)\.json/i.exec(name)?.[1]?.toLowerCase() ?? null;
}

/**
 * `gpt-4o-airline.json` → gpt-4o; `tool-calling-gpt-4o-0.0_range_0--1_user-gpt-4o-llm_0522101010.json`
 * → tool-calling-gpt-4o-0.0; else the whole name, so that files of different names are never one agent.
 */
function agentOf(name: string, env: string): string | null {
  const base = name.replace(/^.*[\\/]/, '').replace(/\.json.*$/, '');
  if (base === 'stdin') return null;
  const run = /^(.+?)_range_-?\d+-{1,2}\d+/.exec(base)?.[1] ?? base;
  return run.endsWith(`-${env}`) && run.length > env.length + 1
    ? run.slice(0, -env.length - 1)
    : run;
}
