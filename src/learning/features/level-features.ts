import type { Attributes, AttributeValue } from '../../model/attributes';
import type { ClosedExecution } from '../../model/learning';
import type { FeatureCollector } from './feature-set';
import { attributeText } from '../../model/attributes';

/** Longer values are text, not levels. */
const maxValueLength = 100;

/**
 * Attributes that are never candidates: what is written from the outcome or after it, our own keys,
 * usage and content, and what the learner reads elsewhere (`agent.id`, `task.type`, the config).
 */
const excludedPrefixes: readonly string[] = [
  'execution.',
  'reward.',
  'gen_ai.evaluation.',
  'error.',
  'exception.',
  'evolution.',
  'agentlightning.',
  'otel.',
  'gen_ai.usage.',
  'gen_ai.response.',
  'gen_ai.input.',
  'gen_ai.output.',
  'llm.token_count.',
  'llm.cost.',
  'ai.usage.',
  'ai.response.',
];
const excludedKeys: ReadonlySet<string> = new Set([
  'status',
  'error',
  'agent.config',
  'agent.name',
  'agent.type',
  'agent.version',
  'task.type',
  'input.value',
  'output.value',
]);
/** Ids, times and states by the last word of their name: `user.id`, `created_at`, `startTime`. */
const excludedEnding =
  /(?:^|[._-])(?:ids?|uuid|guid|at|times?|timestamp|date|datetime|duration|latency|status|status_code|status_message)$/;

/** Attributes of the root, config, model, tags and agent as levels. */
export function addLevels(execution: ClosedExecution, collector: FeatureCollector): void {
  const { agent, config, rootAttributes, steps, tags, taskType } = execution;
  if (agent.id !== null)
    collector.add({ kind: 'agent', key: agent.id, op: 'present', value: true });
  for (const step of steps) {
    if (step.role !== 'llm' || step.model === null) continue;
    collector.add({ kind: 'model', key: step.model, op: 'present', value: true });
  }
  for (const tag of tags) collector.add({ kind: 'tag', key: tag, op: 'present', value: true });
  addAttribute('task.type', taskType, collector);
  addAttribute('agent.type', agent.type, collector);
  addAttribute('agent.version', agent.version, collector);
  for (const [key, value] of Object.entries(rootAttributes)) {
    if (!isExcludedAttribute(key)) addAttribute(key, value, collector);
  }
  if (config !== null) addConfig(config, collector);
}

/** Whether a root attribute may never become a candidate. */
export function isExcludedAttribute(key: string): boolean {
  return (
    excludedKeys.has(key) ||
    excludedPrefixes.some((prefix) => key.startsWith(prefix)) ||
    excludedEnding.test(key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase())
  );
}

function addAttribute(
  key: string,
  value: AttributeValue | null,
  collector: FeatureCollector,
): void {
  if (isLevel(value)) collector.addLevel({ kind: 'attr', key, value });
}

function addConfig(config: Attributes, collector: FeatureCollector): void {
  for (const [key, value] of Object.entries(config)) {
    if (!isLevel(value)) continue;
    collector.addLevel({ kind: 'config', key, value });
    const number = numberOf(value);
    if (Number.isFinite(number)) collector.addNumber({ kind: 'config', key, value: number });
  }
}

/** Of a numeric setting; NaN for any other. */
export function numberOf(value: AttributeValue): number {
  return typeof value === 'string' || typeof value === 'boolean'
    ? NaN
    : Number(attributeText(value));
}

/** Scalars that are short; lists, maps, bytes and long text are not levels. */
export function isLevel(value: AttributeValue): boolean {
  if (value === null || Array.isArray(value)) return false;
  if (typeof value === 'object' && !('int' in value) && !('double' in value)) return false;
  return attributeText(value).length <= maxValueLength;
}
