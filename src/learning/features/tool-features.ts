import type { ExecutionStep } from '../../model/learning';
import { pairKey, type FeatureCollector } from './feature-set';

/** Distinct tools of one execution that enter pairs: a bound on what one hostile run can cost. */
const maxPairedTools = 40;

/** A run of the same call this long is a loop. */
const loopLength = 3;

interface ToolCall {
  readonly tool: string;
  readonly error: boolean;
  readonly argumentsHash: string | null;
}

/** What tools were called, how often, in which order, and how errors were met. */
export function addToolFeatures(
  steps: readonly ExecutionStep[],
  collector: FeatureCollector,
): void {
  const calls = toolCalls(steps);
  addCounts(calls, collector);
  addNeighbours(calls, collector);
  addOrder(calls, collector);
  addErrors(calls, collector);
  addLoops(calls, collector);
}

/** What a simulated user calls is not the agent's doing; an agent's calls say `assistant`, or nothing. */
export function isAgents({ requestor }: ExecutionStep): boolean {
  return requestor !== 'user';
}

/** The tool that a step of the agent's calls, or `null`: a tool without a name goes by its span's. */
export function calledTool(step: ExecutionStep): string | null {
  return step.role === 'tool' && isAgents(step) ? (step.tool ?? step.name) : null;
}

function toolCalls(steps: readonly ExecutionStep[]): ToolCall[] {
  return steps.flatMap((step) => {
    const tool = calledTool(step);
    return tool === null
      ? []
      : [{ tool, error: step.error, argumentsHash: step.toolArgumentsHash }];
  });
}

function addCounts(calls: readonly ToolCall[], collector: FeatureCollector): void {
  if (calls.length === 0) {
    collector.add({ kind: 'no_tool_calls', key: '', op: 'present', value: true });
    return;
  }
  for (const [tool, count] of countBy(calls.map((call) => call.tool))) {
    collector.add({ kind: 'tool', key: tool, op: 'present', value: true });
    for (const least of [2, 3]) {
      if (count >= least) collector.add({ kind: 'tool', key: tool, op: '>=', value: least });
    }
  }
}

function addNeighbours(calls: readonly ToolCall[], collector: FeatureCollector): void {
  const tools = calls.map((call) => call.tool);
  const [first] = tools;
  const last = tools.at(-1);
  if (first === undefined || last === undefined) return;
  collector.add({ kind: 'first', key: first, op: 'present', value: true });
  collector.add({ kind: 'last', key: last, op: 'present', value: true });
  for (let i = 1; i < tools.length; i += 1) {
    addSequence('bigram', tools.slice(i - 1, i + 1), '>', collector);
    if (i >= 2) addSequence('trigram', tools.slice(i - 2, i + 1), '>', collector);
  }
}

/**
 * `before:A,B`: both were called and the first A came before the first B. `follows` (A, B): some B
 * came after the first A.
 */
function addOrder(calls: readonly ToolCall[], collector: FeatureCollector): void {
  const positions = new Map<string, { readonly first: number; last: number }>();
  calls.forEach(({ tool }, index) => {
    const known = positions.get(tool);
    if (known !== undefined) known.last = index;
    else if (positions.size < maxPairedTools) positions.set(tool, { first: index, last: index });
  });
  for (const [a, positionOfA] of positions) {
    for (const [b, positionOfB] of positions) {
      if (a === b) continue;
      if (positionOfA.first < positionOfB.first) addSequence('before', [a, b], ',', collector);
      if (positionOfA.first < positionOfB.last) collector.addFollows(a, b);
    }
  }
}

function addErrors(calls: readonly ToolCall[], collector: FeatureCollector): void {
  const failed = calls.filter(({ error }) => error);
  if (failed.length === 0) return;
  collector.add({ kind: 'any_tool_error', key: '', op: 'present', value: true });
  if (failed.length >= 2) collector.add({ kind: 'tool_errors', key: '', op: '>=', value: 2 });
  for (const { tool } of failed) {
    collector.add({ kind: 'error', key: tool, op: 'present', value: true });
  }
  const retried = calls.some(({ error, tool }, i) => error && calls[i + 1]?.tool === tool);
  if (retried) collector.add({ kind: 'retry_after_error', key: '', op: 'present', value: true });
}

function addLoops(calls: readonly ToolCall[], collector: FeatureCollector): void {
  if (calls.length < loopLength) return;
  const counts = new Map<string, number>();
  for (const { tool, argumentsHash } of calls) {
    if (argumentsHash === null) continue;
    const call = pairKey(tool, argumentsHash);
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    if (count === loopLength) {
      collector.add({ kind: 'loop', key: tool, op: 'present', value: true });
    }
  }
}

function addSequence(
  kind: string,
  tools: readonly string[],
  separator: string,
  collector: FeatureCollector,
): void {
  collector.add({ kind, key: tools.join(separator), op: 'present', value: tools });
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
