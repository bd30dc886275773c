import type { ClosedExecution } from '../../model/learning';
import type { PredicateTerm } from '../../model/pattern';
import {
  pairKey,
  type FeatureCollector,
  type FeatureSet,
  type Level,
  type NumberFeature,
} from './feature-set';
import { addLevels } from './level-features';
import { predicateText } from './predicate';
import { addShape } from './run-shape';
import { addToolFeatures, isAgents } from './tool-features';

/** Features of one closed execution; outcomes are never read. */
export function extractFeatures(execution: ClosedExecution): FeatureSet {
  const present = new Map<string, PredicateTerm>();
  const levels: Level[] = [];
  const numbers: NumberFeature[] = [];
  const follows = new Map<string, readonly [string, string]>();
  const collector: FeatureCollector = {
    add(term) {
      const text = predicateText([term]);
      if (!present.has(text)) present.set(text, term);
    },
    addLevel: (level) => levels.push(level),
    addNumber: (feature) => numbers.push(feature),
    addFollows: (a, b) => follows.set(pairKey(a, b), [a, b]),
  };
  addToolFeatures(execution.steps, collector);
  addShape(execution.steps.filter(isAgents), collector);
  addModelErrors(execution.steps, collector);
  addLevels(execution, collector);
  addTotals(execution, collector);
  return { present, levels, numbers, follows };
}

const nanosPerMilli = 1e6;

/** Totals of the run. They grow with how the run went, so they are marked outcome-proximal. */
function addTotals(execution: ClosedExecution, collector: FeatureCollector): void {
  const { durationNano } = execution;
  const steps = execution.steps.filter(isAgents);
  const totals: readonly (readonly [string, number | null])[] = [
    ['spans', steps.length],
    ['llm_calls', countRole(steps, 'llm')],
    ['tool_calls', countRole(steps, 'tool')],
    ['input_tokens', execution.inputTokens],
    ['output_tokens', execution.outputTokens],
    ['cost_usd', execution.costUsd],
    ['duration_ms', durationNano === null ? null : Number(durationNano) / nanosPerMilli],
  ];
  for (const [key, value] of totals) {
    if (value !== null && Number.isFinite(value)) collector.addNumber({ kind: 'num', key, value });
  }
}

/** So many failing model calls are a storm. */
const stormCalls = 3;

/** Model calls that failed, whatever the agent made of it. */
function addModelErrors(steps: ClosedExecution['steps'], collector: FeatureCollector): void {
  const failed = steps.filter(({ role, error }) => role === 'llm' && error).length;
  if (failed === 0) return;
  collector.add({ kind: 'any_model_error', key: '', op: 'present', value: true });
  if (failed < stormCalls) return;
  collector.add({ kind: 'model_errors', key: '', op: '>=', value: stormCalls });
}

function countRole(steps: ClosedExecution['steps'], wanted: 'llm' | 'tool'): number {
  let count = 0;
  for (const { role } of steps) if (role === wanted) count += 1;
  return count;
}
