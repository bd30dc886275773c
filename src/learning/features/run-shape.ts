import type { ExecutionStep } from '../../model/learning';
import type { FeatureCollector } from './feature-set';
import { calledTool } from './tool-features';

/** Calls at the same time that make a fan-out. */
const fanOuts = [2, 3, 5] as const;

/** How a run branches: tools called side by side, how deep its steps lie, how often a failed call was made again. */
export function addShape(steps: readonly ExecutionStep[], collector: FeatureCollector): void {
  const calls = steps.filter((step) => calledTool(step) !== null);
  const most = mostAtOnce(calls);
  for (const least of fanOuts) {
    if (most >= least) collector.add({ kind: 'fan_out', key: '', op: '>=', value: least });
  }
  const retries = calls.filter(
    (call, i) => i > 0 && calls[i - 1]!.error && calledTool(calls[i - 1]!) === calledTool(call),
  ).length;
  collector.addNumber({ kind: 'num', key: 'depth', value: depthOf(steps) });
  collector.addNumber({ kind: 'num', key: 'retries', value: retries });
}

/**
 * Most calls that run at the same time. One that ends when another begins is over; one that lies within another is
 * that one's own doing, and one without an end counts as over at once.
 */
function mostAtOnce(calls: readonly ExecutionStep[]): number {
  if (calls.length < 2) return calls.length;
  const byParent = new Map<string | null, ExecutionStep[]>();
  for (const call of calls) {
    const siblings = byParent.get(call.parentSpanId);
    if (siblings === undefined) byParent.set(call.parentSpanId, [call]);
    else siblings.push(call);
  }
  // A loop: a run of 100,000 calls may have as many parents, more than a function takes arguments.
  let most = 0;
  for (const siblings of byParent.values()) most = Math.max(most, mostOverlapping(siblings));
  return most;
}

function mostOverlapping(calls: readonly ExecutionStep[]): number {
  const starts = sorted(calls.map((call) => call.startTimeUnixNano));
  const ends = sorted(calls.map((call) => call.endTimeUnixNano ?? call.startTimeUnixNano));
  let [most, over] = [0, 0];
  starts.forEach((start, begun) => {
    while (over <= begun && ends[over]! <= start) over += 1;
    most = Math.max(most, begun + 1 - over);
  });
  return Math.max(1, most);
}

const sorted = (times: bigint[]): bigint[] => times.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

/** Steps on the longest way from the root down; parents stand before their children or are no steps. */
function depthOf(steps: readonly ExecutionStep[]): number {
  const depths = new Map<string, number>();
  let deepest = 0;
  for (const { spanId, parentSpanId } of steps) {
    const depth = 1 + ((parentSpanId === null ? undefined : depths.get(parentSpanId)) ?? 0);
    depths.set(spanId, depth);
    if (depth > deepest) deepest = depth;
  }
  return deepest;
}
