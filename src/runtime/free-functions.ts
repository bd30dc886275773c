import type {
  EvolutionTrackingOptions,
  RewardInput,
  SpanTarget,
  SpanTracker,
  TrackEvolutionDecorator,
  TrackingOptions,
} from '../instrumentation';
import * as instrumentation from '../instrumentation';
import type { Page, PageRequest, RecordFilter } from '../model/query';
import type { Reward } from '../model/reward';
import type { ReportSelection, WrittenReport } from '../model/report';
import type { Span, SpanAddress } from '../model/span';
import { InputError } from '../errors';
import { currentInstance } from './instance';

/**
 * The tracker of the processor, or of the instance, that was set up last in this process.
 *
 * @throws ConfigError when there is none, with how to make one.
 */
export function getGlobalTracker(): SpanTracker {
  return currentInstance().tracker;
}

/**
 * Judges a span, also long after its end, from any process that exports spans.
 *
 * @returns The id of the reward.
 * @throws ConfigError (as a rejection) without an instance, InputError for a value outside 0..1 or a
 * target that names no span.
 */
export async function linkReward(span: SpanTarget, reward: RewardInput): Promise<string> {
  return getGlobalTracker().linkReward(span, reward);
}

/** Tags a span, also long after its end. @throws as `linkReward` */
export async function withTags(span: SpanTarget, tags: readonly string[]): Promise<void> {
  return getGlobalTracker().withTags(span, tags);
}

/**
 * The rewards of a span, the latest first. What is still in the span processor's queue is not seen:
 * `await provider.forceFlush()` first.
 *
 * @throws ConfigError without an instance, InputError for an id that names several spans.
 */
export async function queryRewardsForOperation(span: SpanTarget): Promise<readonly Reward[]> {
  const { store } = await currentInstance().open();
  const address = await addressOf(span, (spanId) => store.getSpan({ spanId }));
  if (address === null) return [];
  const { traceId, spanId } = address;
  return (await store.queryRewards({ traceId, spanId, limit: 1000 })).items;
}

/**
 * Writes a report of one task by its id, or of a selection of runs: one HTML file that needs no network.
 *
 * @throws ConfigError without an instance, and as `Evolution.report`
 */
export async function generateReport(
  what: string | ReportSelection,
  outputPath: string,
): Promise<WrittenReport> {
  return (await currentInstance().open()).report(what, outputPath);
}

/** The spans that carry the tags. @throws ConfigError without an instance. */
export async function queryByTags(
  tags: readonly string[],
  options: PageRequest & { readonly match?: RecordFilter['tagMatch'] } = {},
): Promise<Page<Span>> {
  return (await currentInstance().open()).store.queryByTags(tags, options);
}

/**
 * The same agent, tracked: a function, or an object of which some methods are. Without `tracker` it
 * uses the instance that is set up when a call comes; where there is none the call runs untracked.
 *
 * @throws ConfigError for something that is no agent, or for methods that it does not have.
 */
export function withEvolutionTracking<T extends object>(
  agent: T,
  options: EvolutionTrackingOptions = {},
): T {
  return instrumentation.withEvolutionTracking(agent, { tracker: getGlobalTracker, ...options });
}

/** Decorates a method so that its calls are tracked as by `withEvolutionTracking`. */
export function TrackEvolution(options: TrackingOptions = {}): TrackEvolutionDecorator {
  return instrumentation.TrackEvolution({ tracker: getGlobalTracker, ...options });
}

async function addressOf(
  span: SpanTarget,
  find: (spanId: string) => Promise<SpanAddress | null>,
): Promise<SpanAddress | null> {
  if (typeof span === 'string') return find(span.toLowerCase());
  const isObject = typeof span === 'object' && span !== null;
  if (isObject && 'spanContext' in span) return span.spanContext();
  if (isObject && 'traceId' in span) return span;
  const came = isObject ? 'a query by attributes' : typeof span;
  throw new InputError(`queryRewardsForOperation: expected one span, got ${came}.`, {
    hint: 'Pass a span or { traceId, spanId }; store.querySpans({ attributes }) finds some.',
  });
}
