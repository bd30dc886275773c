import type { ClosedExecution } from '../model/learning';
import type { PredicateTerm } from '../model/pattern';
import type { FeatureCollector, FeatureSet, Level, NumberFeature } from './feature-set';
import { addLevels } from './level-features';
import { predicateText } from './predicate';
import { addToolFeatures } from './tool-features';

/** Features of one closed execution; outcomes are never read. */
export function extractFeatures(execution: ClosedExecution): FeatureSet {
  const present = new Map<string, PredicateTerm>();
  const levels: Level[] = [];
  const numbers: NumberFeature[] = [];
  const follows = new Map<string, readonly [string, string]>();
  const collector: FeatureCollector = {
    add: (term) => present.set(predicateText([term]), term),
    addLevel: (level) => levels.push(level),
    addNumber: (feature) => numbers.push(feature),
    addFollows: (a, b) => follows.set(JSON.stringify([a, b]), [a, b]),
  };
  addToolFeatures(execution.steps, collector);
  addLevels(execution, collector);
  addTotals(execution, collector);
  return { present, levels, numbers, follows };
}

const nanosPerMilli = 1e6;

/** Totals of the run. They grow with how the run went, so they are marked outcome-proximal. */
function addTotals(execution: ClosedExecution, collector: FeatureCollector): void {
  const { steps, durationNano } = execution;
  const totals: readonly (readonly [string, number | null])[] = [
    ['spans', steps.length],
    ['llm_calls', steps.filter(({ role }) => role === 'llm').length],
    ['tool_calls', steps.filter(({ role }) => role === 'tool').length],
    ['input_tokens', execution.inputTokens],
    ['output_tokens', execution.outputTokens],
    ['cost_usd', execution.costUsd],
    ['duration_ms', durationNano === null ? null : Number(durationNano) / nanosPerMilli],
  ];
  for (const [key, value] of totals) {
    if (value !== null && Number.isFinite(value)) collector.addNumber({ kind: 'num', key, value });
  }
}
