import type { PriceTable } from '../model/price';
import type { SpanMeaning, SpanRecord, SpanRole } from '../model/span';
import { textOf } from './attribute-value';
import { genAiOperations } from './conventions/gen-ai';
import { isCarrier } from './carrier';
import { interpretLinks } from './interpret-links';
import { interpretRewards } from './interpret-rewards';
import { priceOf } from './price-of';
import { readConfig, readPropensities } from './read-config';
import { type Findings, readConcepts } from './read-concepts';
import { readExposures } from './read-exposures';
import { readResource } from './read-resource';
import { readSampling } from './read-sampling';
import { readTags } from './read-tags';

export interface InterpretOptions {
  /** Where a span sends no cost. @defaultValue no prices */
  readonly prices?: PriceTable | undefined;
}

/**
 * What a span says about an agent's work, whatever dialect it speaks. Total: unknown input yields
 * `null` or `other`, never an exception. What the span itself says beats what its resource says.
 *
 * `costUsd` of an LLM or embedding span is the cost of that call; on any other span it is
 * `execution.cost`, the cost of the whole execution.
 */
export function interpretSpan(record: SpanRecord, options: InterpretOptions = {}): SpanMeaning {
  const said = readConcepts(record.attributes);
  const resource = readResource(record.resource);
  const around = resource.findings;
  const role = roleOf(record, said);
  const executionId = said.executionId ?? around.executionId;
  const sessionId = said.sessionId ?? around.sessionId;
  const carrier = isCarrier(record, said);
  const tags = readTags(record, said, carrier ? null : around);
  const rewards = interpretRewards(record, said, { carrier, executionId, sessionId });
  const agentName = said.agentName ?? entityName(said, role, 'agent') ?? around.agentName;
  const service = said.serviceName ?? around.serviceName;
  const name = agentName ?? service ?? nameOfAgent(record, role);
  return {
    role,
    taskId: said.taskId ?? around.taskId,
    executionId,
    taskType: said.taskType ?? around.taskType,
    attempt: said.attempt ?? around.attempt,
    replication: said.replication ?? around.replication,
    sessionId,
    agent: {
      id: said.agentId ?? around.agentId ?? name,
      name,
      version: said.agentVersion ?? around.agentVersion,
      type: said.agentType ?? around.agentType,
    },
    model: said.model ?? said.responseModel,
    tool: toolOf(record, said, role),
    ...usageOf(said, role, options.prices),
    config: readConfig(record.attributes, said) ?? resource.config,
    propensities: readPropensities(record.attributes, said) ?? resource.propensities,
    tags: carrier ? [] : tags,
    success: said.success,
    status: said.status,
    attemptsUnknown: said.attemptsUnknown ?? around.attemptsUnknown ?? false,
    timeSynthetic: said.timeSynthetic ?? around.timeSynthetic ?? false,
    taskInput: said.taskInput ?? around.taskInput,
    errorType: errorTypeOf(record, said),
    exposures: readExposures(record, said, around),
    sampling: readSampling(record),
    taskGroup: said.taskGroup ?? around.taskGroup,
    requestor: role === 'tool' ? said.requestor : null,
    toolArgumentsHash: null,
    carrier,
    rewards,
    links: interpretLinks(record, said, { carrier, tags, rewards: rewards.length }),
  };
}

/**
 * The role that was said; else, from the span's name where it is one of the operations that no
 * other span is called by; else an LLM call where a model is named beside tokens.
 */
function roleOf(record: SpanRecord, said: Findings): SpanRole {
  if (said.role !== null) return said.role;
  const space = record.name.indexOf(' ');
  const operation = space < 0 ? record.name : record.name.slice(0, space);
  if (operation.includes('_')) {
    const role = genAiOperations.get(operation);
    if (role !== undefined) return role;
  }
  const model = said.model ?? said.responseModel;
  return model !== null && (said.inputTokens ?? said.outputTokens) !== null ? 'llm' : 'other';
}

const INVOKE_AGENT = 'invoke_agent ';

/**
 * Where neither an agent nor a service is named: the name of the agent's span, or of the chain that a
 * trace begins with, as OpenInference's instrumentations send them.
 */
function nameOfAgent(record: SpanRecord, role: SpanRole): string | null {
  const begins = role === 'chain' && record.parentSpanId === null;
  if (role !== 'agent' && !begins) return null;
  const { name } = record;
  const own = name.startsWith(INVOKE_AGENT) ? name.slice(INVOKE_AGENT.length) : name;
  return own === '' || genAiOperations.has(own) ? null : own;
}

function entityName(said: Findings, role: SpanRole, wanted: SpanRole): string | null {
  return role === wanted ? said.entityName : null;
}

const EXECUTE_TOOL = 'execute_tool ';

function toolOf(record: SpanRecord, said: Findings, role: SpanRole): string | null {
  if (role !== 'tool') return null;
  const named = said.tool ?? said.entityName;
  if (named !== null) return named;
  return record.name.startsWith(EXECUTE_TOOL) ? record.name.slice(EXECUTE_TOOL.length) : null;
}

function usageOf(
  said: Findings,
  role: SpanRole,
  prices: PriceTable | undefined,
): Pick<SpanMeaning, 'inputTokens' | 'outputTokens' | 'costUsd'> {
  if (role !== 'llm' && role !== 'embedding') {
    return { inputTokens: null, outputTokens: null, costUsd: said.executionCost };
  }
  const { inputTokens, outputTokens } = said;
  const sentCost = said.executionCost ?? said.cost ?? sum(said.inputCost, said.outputCost);
  const costUsd =
    sentCost ??
    (prices === undefined
      ? null
      : priceOf(prices, [said.responseModel, said.model], inputTokens, outputTokens));
  return { inputTokens, outputTokens, costUsd };
}

function sum(a: number | null, b: number | null): number | null {
  return a === null && b === null ? null : (a ?? 0) + (b ?? 0);
}

/** `error.type`; of a failed span without one, the type of its last exception. */
function errorTypeOf(record: SpanRecord, said: Findings): string | null {
  if (said.errorType !== null) return said.errorType;
  if (record.status.code !== 2) return null;
  const exception = record.events.findLast(({ name }) => name === 'exception');
  return textOf(exception?.attributes['exception.type']);
}
