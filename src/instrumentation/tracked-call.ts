import { types } from 'node:util';
import { createContextKey } from '@opentelemetry/api';
import { ConfigError, assertKnownKeys } from '../errors';
import { activeContext, runIn } from './current-context';
import type { AgentInput } from './execution-attributes';
import type { RewardInput } from './feedback';
import { harmless, noArguments } from './harmless';
import type { WorkOutcome } from './result-observer';
import type { OutcomeListener } from './run-in-span';
import type { SpanHandle } from './span-handle';
import { createSpanTracker, type SpanTracker } from './span-tracker';

export interface TrackingOptions {
  /** Or a function that finds it at each call. @defaultValue one on the registered tracer provider */
  readonly tracker?: SpanTracker | (() => SpanTracker) | undefined;
  /** @defaultValue the name is the agent's own `name`, or that of its class or function */
  readonly agent?: AgentInput | undefined;
  /** `true`: `agent:<name>` and `method:<name>`; a list: these tags. @defaultValue false */
  readonly autoTags?: boolean | readonly string[] | undefined;
  /** Share of calls that are tracked, 0..1; what runs inside a call goes with it. @defaultValue 1 */
  readonly sampleRate?: number | undefined;
  /** Asks for a round of learning after each call, out of the agent's way. @defaultValue false */
  readonly autoLearn?: boolean | undefined;
  /**
   * Judges each call after its end; a number is the reward's value, `null` or `undefined` none. Of an
   * iterator or a web stream the result is the list of what it handed out, of a Node stream `undefined`.
   */
  readonly evaluate?:
    ((result: unknown, error: unknown) => Evaluation | Promise<Evaluation>) | undefined;
  /** Writes arguments and result on the span. @defaultValue the tracker's */
  readonly captureContent?: boolean | undefined;
  /** Uniform in [0, 1). @defaultValue `Math.random` */
  readonly random?: (() => number) | undefined;
}

/** `methods` is for those who track a whole object. */
const trackingOptions: readonly (keyof TrackingOptions | 'methods')[] = [
  'tracker',
  'agent',
  'autoTags',
  'sampleRate',
  'autoLearn',
  'evaluate',
  'captureContent',
  'random',
  'methods',
];

export type Evaluation = number | RewardInput | null | undefined;

export interface Call {
  readonly agentName: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type CallTracker = <T>(call: Call, run: () => T) => T;

/**
 * Makes the function that runs a call tracked: as an execution of its own, or, inside one, as a span of
 * it. Whatever goes wrong in tracking, the call itself runs exactly once and behaves as before.
 *
 * @throws ConfigError for a sample rate outside 0..1.
 */
export function createCallTracker(options: TrackingOptions): CallTracker {
  assertKnownKeys('tracking', options, trackingOptions);
  const { sampleRate = 1, random = Math.random } = options;
  if (!(sampleRate >= 0 && sampleRate <= 1)) {
    throw new ConfigError(`sampleRate: expected a number from 0 to 1, got ${String(sampleRate)}`);
  }
  const findTracker = trackerFinder(options.tracker);
  return (call, run) =>
    harmless(
      { what: `${call.method} runs untracked`, fn: run, bare: noArguments, isMistake: () => false },
      (fn) => {
        const outer = activeContext();
        if (outer.getValue(unsampledKey) === true) return fn();
        if (sampleRate < 1 && random() >= sampleRate) {
          return runIn(outer.setValue(unsampledKey, true), fn);
        }
        return runTracked(findTracker(), options, call, fn);
      },
    );
}

const unsampledKey = createContextKey('otel-evolution/1 unsampled');

function trackerFinder(tracker: TrackingOptions['tracker']): () => SpanTracker {
  if (typeof tracker === 'function') return tracker;
  const known = tracker ?? createSpanTracker();
  return () => known;
}

function runTracked<T>(
  tracker: SpanTracker,
  options: TrackingOptions,
  call: Call,
  run: () => T,
): T {
  const agent = { ...options.agent, name: options.agent?.name ?? call.agentName };
  const tags = tagsOf(options.autoTags, agent.name, call.method);
  const capture = options.captureContent ?? tracker.captureContent;
  const listener = followCall(tracker, options, capture);
  const attributes = {
    'operation.type': call.method,
    ...(capture ? { 'gen_ai.input.messages': messageText('user', call.args) } : {}),
  };
  if (tracker.currentExecution() === null) {
    return tracker.withExecution({ agent, tags, attributes }, run, listener);
  }
  return tracker.track(
    {
      name: `invoke_agent ${agent.name}`,
      tags,
      attributes: {
        ...attributes,
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': agent.name,
        ...(agent.id === undefined ? {} : { 'gen_ai.agent.id': agent.id }),
      },
    },
    run,
    listener,
  );
}

function tagsOf(
  autoTags: TrackingOptions['autoTags'],
  agentName: string,
  method: string,
): readonly string[] {
  if (autoTags === true) return [`agent:${agentName}`, `method:${method}`];
  return autoTags === undefined || autoTags === false ? [] : autoTags;
}

function followCall(
  tracker: SpanTracker,
  { evaluate, autoLearn = false }: TrackingOptions,
  capture: boolean,
): OutcomeListener {
  const items: unknown[] = [];
  const resultOf = (outcome: WorkOutcome): unknown =>
    items.length > 0 ? items : outcome.kind === 'returned' ? outcome.value : undefined;
  return {
    item: capture || evaluate !== undefined ? (value) => items.push(value) : undefined,
    ending(outcome, span) {
      if (!capture || outcome.kind === 'failed') return;
      span.setAttribute('gen_ai.output.messages', messageText('assistant', [resultOf(outcome)]));
    },
    ended(outcome, span) {
      if (evaluate !== undefined) {
        const error = outcome.kind === 'failed' ? outcome.error : undefined;
        tracker.background.run('evaluate', () => {
          const verdict = evaluate(resultOf(outcome), error);
          const link = (reached: Evaluation) => linkEvaluation(tracker, span, reached);
          return types.isPromise(verdict) ? verdict.then(link) : link(verdict);
        });
      }
      if (autoLearn) tracker.learnSoon();
    },
  };
}

async function linkEvaluation(
  tracker: SpanTracker,
  span: SpanHandle,
  verdict: Evaluation,
): Promise<void> {
  if (verdict === null || verdict === undefined) return;
  await tracker.linkReward(span, typeof verdict === 'number' ? { value: verdict } : verdict);
}

const MAX_CONTENT_LENGTH = 65_536;

/** In the form of the GenAI conventions: one message, a text part for each value. */
function messageText(role: 'user' | 'assistant', values: readonly unknown[]): string {
  const parts = values.map((value) => ({ type: 'text', content: contentText(value) }));
  const finish = role === 'assistant' ? { finish_reason: 'stop' } : {};
  return JSON.stringify([{ role, parts, ...finish }]);
}

function contentText(value: unknown): string {
  let text: string;
  try {
    text = typeof value === 'string' ? value : (JSON.stringify(value) ?? typeof value);
  } catch {
    text = typeof value; // circular, a bigint, a getter that throws
  }
  return text.slice(0, MAX_CONTENT_LENGTH);
}
