import type { ImportContext, ImportedRun, ImportFormatReader, ImportRecord } from './imported-run';
import { refusedRun } from './imported-run';
import type { ConversationCall, ConversationMessage } from './conversation-spans';
import { conversationSpans } from './conversation-spans';
import { canonicalJson, hashHex } from './ids';
import { asArray, asNumber, asObject, asText, member } from './json-value';
import type { JsonObject } from './json-value';
import { newScope } from './new-span';
import { rewardClaim } from './reward-claim';
import { toAttributes } from './to-attributes';

/**
 * Trajectories of sierra-research/tau-bench: an array of runs without times. The agent stands only
 * in the file's name (`gpt-4o-airline.json`), the environment in the policy of the system message.
 */
export const tauBench: ImportFormatReader = {
  records: ['[]', ''],
  marks: ['[].traj', '[].trial', '.traj'],
  open: (context) => (record) => readRun(context, record),
};

/** Times are made up: no run begins before its benchmark was published. */
const originUnixNano = BigInt(Date.UTC(2024, 10, 22)) * 1_000_000n;
const millisecond = 1_000_000n;

function readRun({ name }: ImportContext, { value, where }: ImportRecord): ImportedRun {
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
  const env = environmentOf(messages, name);
  const agent = agentOf(name, env);
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
    status: { code: 0, message: null },
    attributes: toAttributes({
      'task.type': env,
      'execution.attempt': 1,
      'execution.replication': trial,
      'execution.status': 'completed',
      'evolution.time.synthetic': true,
    }),
    resource: {
      attributes: toAttributes({
        'service.name': 'tau-bench',
        'agent.id': agent,
        'agent.name': agent,
      }),
      droppedAttributesCount: 0,
      schemaUrl: null,
    },
    scope: newScope('tau-bench'),
  });
  const reward = asNumber(run.reward);
  const claim = { executionId, value: reward, breakdown: {}, evaluator: 'tau-bench' };
  return {
    spans,
    rewards: reward === null ? [] : [rewardClaim({ ...claim, timestampUnixNano: end })],
    refused: [],
  };
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

function environmentOf(messages: readonly ConversationMessage[], name: string): string {
  const policy = messages.find(({ role }) => role === 'system')?.content ?? '';
  const heading = /^#\s*(\w+) agent policy/im.exec(policy)?.[1];
  return (heading ?? /-(\w+)\.json/.exec(name)?.[1] ?? 'unknown').toLowerCase();
}

function agentOf(name: string, env: string): string | null {
  const base = name.replace(/^.*[\\/]/, '').replace(/\.json.*$/, '');
  return base.endsWith(`-${env}`) ? base.slice(0, -env.length - 1) : null;
}
