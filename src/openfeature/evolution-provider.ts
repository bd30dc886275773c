import type {
  EvaluationContext,
  JsonValue,
  Provider,
  ResolutionDetails,
} from '@openfeature/server-sdk';
import { context, trace, type Span } from '@opentelemetry/api';
import { enterExposures } from '../instrumentation';
import type { AttributeValue } from '../model/attributes';
import type { AssignmentAnswer, Experiment } from '../model/experiment';
import type { Resolution, ResolveContext } from '../model/adaptation';

/** What of an `Evolution` the provider asks. */
export interface FlagSource {
  readonly experiments: {
    list(filter: { readonly status: 'running' }): Promise<readonly Experiment[]>;
    assignVariant(experimentId: string, unit: string): AssignmentAnswer;
    refresh(): Promise<void>;
  };
  readonly adaptation: {
    resolve(context: ResolveContext, config: Readonly<Record<string, AttributeValue>>): Resolution;
    refresh(): Promise<void>;
  };
}

/** How often running experiments are read anew, ms. */
const REFRESH_MILLIS = 10_000;

/** One answer, and what to say on spans. */
interface Evaluated {
  readonly value: unknown;
  readonly variant: string;
  readonly reason: 'SPLIT' | 'TARGETING_MATCH';
  /** By flag key, or by `adaptation:ID`. */
  readonly exposure: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * Experiments by their flag key and adaptations by their knob, for any code that asks OpenFeature. The unit is the
 * `targetingKey`; `agentId` and `taskType` in the context choose adaptations. Each evaluation is said on the active span
 * as the standard event `feature_flag.evaluation`, so that the run counts.
 *
 * A flag of an experiment gives the variant's setting of the flag's name, or its only setting, or its name where a
 * text is asked for; an object gets all of its settings.
 */
export class EvolutionProvider implements Provider {
  readonly metadata = { name: 'otel-evolution' } as const;
  readonly runsOn = 'server';
  readonly #source: FlagSource;
  #experiments: ReadonlyMap<string, Experiment> = new Map();
  #timer: NodeJS.Timeout | null = null;

  constructor(source: FlagSource) {
    this.#source = source;
  }

  async initialize(): Promise<void> {
    await this.refresh();
    // What could not be read stays as it was last known.
    this.#timer = setInterval(() => void this.refresh().catch(() => undefined), REFRESH_MILLIS);
    this.#timer.unref();
  }

  onClose(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    return Promise.resolve();
  }

  /** Takes over what was started or changed elsewhere; by itself every ten seconds. */
  async refresh(): Promise<void> {
    const { experiments, adaptation } = this.#source;
    await Promise.all([experiments.refresh(), adaptation.refresh()]);
    const running = await experiments.list({ status: 'running' });
    this.#experiments = new Map(running.map((experiment) => [experiment.key, experiment]));
  }

  resolveBooleanEvaluation(
    flagKey: string,
    defaultValue: boolean,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<boolean>> {
    return this.#resolve(flagKey, defaultValue, context, isBoolean);
  }

  resolveStringEvaluation(
    flagKey: string,
    defaultValue: string,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<string>> {
    return this.#resolve(flagKey, defaultValue, context, isText);
  }

  resolveNumberEvaluation(
    flagKey: string,
    defaultValue: number,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<number>> {
    return this.#resolve(flagKey, defaultValue, context, isNumber);
  }

  resolveObjectEvaluation<T extends JsonValue>(
    flagKey: string,
    defaultValue: T,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<T>> {
    return this.#resolve(flagKey, defaultValue, context, (value): value is T => isObject(value));
  }

  /**
   * Variants of experiments and adaptations by key, as `withExposures` takes them; those that are unknown, or
   * without a unit, are left out.
   */
  exposures(
    flagKeys: readonly string[],
    context: EvaluationContext,
  ): Readonly<Record<string, string>> {
    const { targetingKey } = context;
    if (targetingKey === undefined || targetingKey === '') return {};
    const found = flagKeys.flatMap((key) => {
      const evaluated = this.#evaluate(key, null, targetingKey, context);
      return evaluated === null ? [] : [[evaluated.exposure, evaluated.variant] as const];
    });
    return Object.fromEntries(found);
  }

  #resolve<T>(
    flagKey: string,
    defaultValue: T,
    context: EvaluationContext,
    is: (value: unknown) => value is T,
  ): Promise<ResolutionDetails<T>> {
    const { targetingKey } = context;
    const failed = (errorCode: string, errorMessage: string): ResolutionDetails<T> =>
      ({ value: defaultValue, reason: 'ERROR', errorCode, errorMessage }) as ResolutionDetails<T>;
    if (targetingKey === undefined || targetingKey === '') {
      return Promise.resolve(
        failed('TARGETING_KEY_MISSING', 'Set targetingKey to the id of the task, session or user.'),
      );
    }
    const evaluated = this.#evaluate(flagKey, defaultValue, targetingKey, context);
    if (evaluated === null) {
      const message = `There is no running experiment or adaptation "${flagKey}".`;
      return Promise.resolve(failed('FLAG_NOT_FOUND', message));
    }
    const value = choose(evaluated.value, flagKey, evaluated.variant, is);
    if (value === undefined) {
      const message = `Variant "${evaluated.variant}" has no setting of the type asked for.`;
      return Promise.resolve(failed('TYPE_MISMATCH', message));
    }
    tell(trace.getActiveSpan(), flagKey, targetingKey, evaluated);
    const { variant, reason } = evaluated;
    return Promise.resolve({ value, variant, reason });
  }

  #evaluate(
    flagKey: string,
    defaultValue: unknown,
    unit: string,
    context: EvaluationContext,
  ): Evaluated | null {
    const experiment = this.#experiments.get(flagKey);
    if (experiment !== undefined) {
      const { config, variant, attributes } = this.#source.experiments.assignVariant(
        experiment.id,
        unit,
      );
      return { value: config, variant, reason: 'SPLIT', exposure: experiment.id, attributes };
    }
    const { config, applied, notApplied } = this.#source.adaptation.resolve(
      { unit, agentId: textOr(context.agentId), taskType: textOr(context.taskType) },
      { [flagKey]: defaultValue as AttributeValue },
    );
    const mine = applied.find(({ knob }) => knob === flagKey);
    const attributes =
      mine?.attributes ?? notApplied.find((one) => one.knob === flagKey)?.attributes;
    if (attributes == null) return null;
    return {
      value: { [flagKey]: config[flagKey] },
      variant: textOr(attributes['evolution.variant']) ?? '',
      reason: 'TARGETING_MATCH',
      exposure: `adaptation:${textOr(attributes['evolution.adaptation.id']) ?? ''}`,
      attributes,
    };
  }
}

/** Settings of a variant → the value of the type that is asked for. */
function choose<T>(
  config: unknown,
  flagKey: string,
  variant: string,
  is: (value: unknown) => value is T,
): T | undefined {
  const settings = config as Readonly<Record<string, unknown>>;
  const values = Object.values(settings);
  const named = Object.hasOwn(settings, flagKey) ? settings[flagKey] : undefined;
  const candidates = [named, values.length === 1 ? values[0] : undefined, { ...settings }, variant];
  return candidates.find((one): one is T => one !== undefined && is(one));
}

/** @see https://opentelemetry.io/docs/specs/semconv/feature-flags/feature-flags-events/ */
function tell(
  span: Span | undefined,
  flagKey: string,
  unit: string,
  { variant, reason, attributes }: Evaluated,
): void {
  const own = Object.entries(attributes).filter(([key]) => key.startsWith('evolution.'));
  span?.addEvent('feature_flag.evaluation', {
    'feature_flag.key': flagKey,
    'feature_flag.result.variant': variant,
    'feature_flag.result.reason': reason.toLowerCase(),
    'feature_flag.provider.name': 'otel-evolution',
    'feature_flag.context.id': unit,
    ...(Object.fromEntries(own) as Record<string, string>),
  });
}

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/**
 * Runs `work` where every span, in this process and, by Baggage, in those it calls, says that it is exposed to these
 * variants.
 *
 * @param exposures - Variant by experiment or `adaptation:ID`, as `provider.exposures()` gives them.
 */
export function withExposures<T>(exposures: Readonly<Record<string, string>>, work: () => T): T {
  return context.with(enterExposures(context.active(), exposures), work);
}
