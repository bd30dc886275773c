import { newScope } from '../model/new-span';
import type { SpanRecord } from '../model/span';
import type { Status } from '../model/status';
import type { ConversationCall, ConversationMessage } from './conversation-spans';
import { conversationSpans } from './conversation-spans';
import type { ImportedRun, ImportFormatReader, ImportRecord } from './imported-run';
import { refusedRun } from './imported-run';
import { canonicalJson, hashHex } from './ids';
import type { JsonObject } from './json-value';
import { asArray, asNumber, asObject, asPositive, asText, member } from './json-value';
import { parseTimeUnixNano } from './parse-time';
import { judge } from './reward-claim';
import { toAttributes, toDouble } from './to-attributes';
import { withoutSecrets } from './without-secrets';

/** Results of sierra-research/tau2-bench: `info`, then `tasks`, then `simulations`. */
export const tau2Bench: ImportFormatReader = {
  records: ['.info', '.tasks[]', '.simulations[]'],
  marks: ['.info.environment_info', '.info.agent_info', '.simulations'],
  open() {
    const header: Header = { info: null, taskHashes: new Map() };
    return (record) => {
      if (record.path === '.simulations[]') return readSimulation(header, record);
      if (record.path === '.info') header.info = readInfo(record.value);
      else header.taskHashes.set(String(member(record.value, 'id')), taskHash(record.value));
      return null;
    };
  },
};

interface Header {
  info: RunInfo | null;
  readonly taskHashes: Map<string, string>;
}

interface RunInfo {
  readonly domain: string;
  readonly agentId: string;
  readonly model: string | null;
  readonly config: string;
  readonly resource: SpanRecord['resource'];
}

const statusOf: ReadonlyMap<string, Status> = new Map([
  ['user_stop', 'completed'],
  ['agent_stop', 'completed'],
  ['max_steps', 'timed_out'],
  ['too_many_errors', 'failed'],
  ['agent_error', 'failed'],
]);

function readInfo(value: unknown): RunInfo {
  const agent = member(value, 'agent_info');
  const model = asText(member(agent, 'llm'));
  const implementation = asText(member(agent, 'implementation')) ?? 'unknown';
  const agentId = `${implementation}/${model ?? 'unknown'}`;
  return {
    domain: asText(member(member(value, 'environment_info'), 'domain_name')) ?? 'unknown',
    agentId,
    model,
    config: JSON.stringify(withoutSecrets(member(agent, 'llm_args') ?? {})),
    resource: {
      attributes: toAttributes({
        'service.name': 'tau2-bench',
        'agent.id': agentId,
        'agent.name': agentId,
        'agent.type': implementation,
      }),
      droppedAttributesCount: 0,
      schemaUrl: null,
    },
  };
}

/** What makes two tasks of one number different; versions of the benchmark reuse the numbers. */
function taskHash(task: unknown): string {
  const parts = ['user_scenario', 'initial_state', 'evaluation_criteria'];
  return hashHex(12, canonicalJson(parts.map((part) => member(task, part) ?? null)));
}

function readSimulation({ info, taskHashes }: Header, record: ImportRecord): ImportedRun {
  const simulation = asObject(record.value);
  const id = asText(simulation?.id);
  if (info === null) return refusedRun(record.where, 'expected info and tasks before simulations');
  if (simulation === null || id === null) {
    return refusedRun(record.where, 'expected a simulation with an id');
  }
  const task = String(simulation.task_id);
  const hash = taskHashes.get(task);
  if (hash === undefined) return refusedRun(record.where, `task ${task} is not among the tasks`);
  const start = parseTimeUnixNano(simulation.start_time);
  const end = parseTimeUnixNano(simulation.end_time);
  if (start === null || end === null || end < start) {
    return refusedRun(record.where, 'expected start_time and end_time in RFC 3339');
  }
  const reason = asText(simulation.termination_reason) ?? 'unknown';
  const status = statusOf.get(reason);
  const spans = conversationSpans({
    executionId: id,
    taskId: `tau2:${info.domain}:${task}:${hash}`,
    agentName: info.agentId,
    model: info.model,
    startTimeUnixNano: start,
    endTimeUnixNano: end,
    messages: readMessages(simulation.messages, start),
    status: status === 'failed' ? { code: 2, message: reason } : { code: 0, message: null },
    attributes: rootAttributes(info, simulation, status === 'failed' ? reason : null, status),
    resource: info.resource,
    scope: newScope('tau2-bench'),
  });
  return { spans, ...readRewards(id, simulation.reward_info, end, record.where) };
}

function rootAttributes(
  info: RunInfo,
  simulation: JsonObject,
  errorType: string | null,
  status: Status | undefined,
): SpanRecord['attributes'] {
  const cost = asPositive(simulation.agent_cost);
  return Object.assign(
    toAttributes({
      'task.type': info.domain,
      'execution.attempt': 1,
      'execution.replication': asNumber(simulation.trial) ?? 0,
      // A reason that we do not know leaves the status to what the spans say.
      'execution.status': status,
      'agent.config': info.config,
      'error.type': errorType,
    }),
    cost === null ? {} : { 'execution.cost': toDouble(cost) },
  );
}

function readMessages(messages: unknown, start: bigint): ConversationMessage[] {
  let time = start;
  return asArray(messages).map((entry) => {
    const message = asObject(entry) ?? {};
    time = parseTimeUnixNano(message.timestamp) ?? time;
    return readMessage(message, time);
  });
}

function readMessage(message: JsonObject, timeUnixNano: bigint): ConversationMessage {
  const role = asText(message.role) ?? 'unknown';
  return {
    role,
    content: asText(message.content),
    timeUnixNano,
    calls: asArray(message.tool_calls).map((call) => readCall(call, role)),
    toolCallId: role === 'tool' ? asText(message.id) : null,
    failed: message.error === true,
    inputTokens: asNumber(member(message.usage, 'prompt_tokens')),
    outputTokens: asNumber(member(message.usage, 'completion_tokens')),
    costUsd: asPositive(message.cost),
  };
}

function readCall(call: unknown, role: string): ConversationCall {
  return {
    id: asText(member(call, 'id')) ?? '',
    name: asText(member(call, 'name')) ?? 'unknown',
    arguments: JSON.stringify(member(call, 'arguments') ?? {}),
    requestor: asText(member(call, 'requestor')) ?? role,
  };
}

function readRewards(
  executionId: string,
  info: unknown,
  end: bigint,
  where: string,
): Pick<ImportedRun, 'rewards' | 'refused'> {
  return judge({
    executionId,
    reward: member(info, 'reward'),
    breakdown: asObject(member(info, 'reward_breakdown')) ?? {},
    evaluator: 'tau2-bench',
    timestampUnixNano: end,
    where,
  });
}
