import type { AttributeValue } from './attributes';
import type { Guardrail, GuardrailInput } from './experiment';
import type { Interval } from './interval';

export type AdaptationKind = 'config' | 'prompt' | 'strategy';

/**
 * `proposed` → (`approved`) → `rolling_out` (5, 25, 50 %) → `active` (100 % less the hold-back); from there
 * `deactivated` by a person, `rolled_back` by evidence, `rejected` before it ever ran.
 */
export type AdaptationStatus =
  'proposed' | 'approved' | 'rolling_out' | 'active' | 'deactivated' | 'rolled_back' | 'rejected';

/** Where an adaptation holds; a `null` part holds everywhere. */
export interface AdaptationContext {
  readonly agentId: string | null;
  readonly taskType: string | null;
}

/** A setting that the application lets be changed: the only way a change reaches an agent. */
export interface Lever {
  /** The key in the configuration that `resolve` is asked for. */
  readonly knob: string;
  readonly kind: AdaptationKind;
  /**
   * The values it may take: a list (settings, template or fragment ids, strategies), or a range of numbers.
   * What is applied is the declared value itself, never text that came from a trace.
   */
  readonly values:
    | { readonly oneOf: readonly (string | number | boolean)[] }
    | { readonly min: number; readonly max: number };
  /** What the agent runs with where nothing is applied: every change goes back to it. */
  readonly initial: string | number | boolean;
  /** Behaviours that this setting brings about: predicate text of a pattern → value. */
  readonly serves?: Readonly<Record<string, string | number | boolean>> | undefined;
  /**
   * `everywhere`: a change holds for all tasks, also where the finding is about one type of them.
   * @defaultValue `in_context`
   */
  readonly holds?: 'in_context' | 'everywhere' | undefined;
  /** Metrics that pause the roll-out of a change and ask, where they get worse under it; they never roll back. */
  readonly signals?: readonly GuardrailInput[] | undefined;
}

/** A typed, reversible change of one setting in a context. */
export interface Adaptation {
  readonly id: string;
  /** From 1, with each step; a writer that read an older one is refused. */
  readonly revision: number;
  readonly kind: AdaptationKind;
  readonly knob: string;
  readonly from: AttributeValue;
  readonly to: AttributeValue;
  /** The versions of the configuration that it leads from and to; `null` where versions are not kept. */
  readonly fromVersionId: string | null;
  readonly toVersionId: string | null;
  /** What undoes it. */
  readonly inverse: { readonly knob: string; readonly to: AttributeValue };
  readonly context: AdaptationContext;
  readonly patternId: string;
  /** Outcome dimension that it is to raise, and is judged by. */
  readonly dimension: string;
  readonly expected: { readonly effect: number; readonly interval: Interval };
  /** What is not known, in words. */
  readonly uncertain: string;
  readonly status: AdaptationStatus;
  /** Of the units that are not held back: 0, 5, 25, 50 or 100. */
  readonly trafficPercent: number;
  /** 10, 20 while the loop looks closer, and 50 after an alert. */
  readonly holdBackPercent: number;
  /** e-value of the randomised comparison that allows 100 %. */
  readonly causalEvidence: number | null;
  /** Times that it was tried again, by the loop, after a roll-back. */
  readonly retests: number;
  /** Watched beside the outcome: they pause the ramp and ask. */
  readonly signals: readonly Guardrail[];
  /** The signal that got worse: no stage is raised until somebody resumes. */
  readonly pausedBy: string | null;
  /** Of the last time that somebody resumed: signals count anew from there. */
  readonly resumedAtUnixNano: bigint | null;
  readonly createdAtUnixNano: bigint;
  /** Of the last time it was turned on: what ran before counts no more. */
  readonly startedAtUnixNano: bigint | null;
  /** Of the last time its traffic was raised. */
  readonly raisedAtUnixNano: bigint | null;
  readonly outcome: AdaptationOutcome | null;
}

/** What a run spends: less is better, and effects are changes relative to the others, as the learner tells them. */
export const spentDimensions = ['cost_usd', 'duration_ms'] as const;

export type SpentDimension = (typeof spentDimensions)[number];

export function isSpent(dimension: string): dimension is SpentDimension {
  return (spentDimensions as readonly string[]).includes(dimension);
}

/** In the unit of the dimension; `effect` of what is spent is relative. */
export interface AdaptationOutcome {
  readonly treated: { readonly units: number; readonly mean: number | null };
  readonly heldBack: { readonly units: number; readonly mean: number | null };
  readonly effect: number | null;
  readonly interval: Interval | null;
}

/** What a run asks with. */
export interface ResolveContext {
  /** The task, else the session or user: the same unit gets the same answer. */
  readonly unit: string;
  readonly agentId?: string | null | undefined;
  readonly taskType?: string | null | undefined;
}

export interface AppliedAdaptation {
  readonly adaptationId: string;
  readonly knob: string;
  readonly from: AttributeValue;
  readonly to: AttributeValue;
  readonly reason: string;
  /** Put it on the span, so that the run counts. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export interface Resolution {
  readonly config: Readonly<Record<string, AttributeValue>>;
  readonly applied: readonly AppliedAdaptation[];
  /** `attributes` where the unit is held back: it counts as the comparison. */
  readonly notApplied: readonly {
    readonly adaptationId: string;
    readonly knob: string;
    readonly reason: string;
    readonly attributes: Readonly<Record<string, AttributeValue>> | null;
  }[];
  /** The snapshot could not be refreshed for a while: this is the last known good. */
  readonly stale: boolean;
}

/** What an agent ran with: immutable, named by the SHA-256 of its canonical JSON. */
export interface ConfigurationVersion {
  /** 64 hex characters. */
  readonly id: string;
  readonly config: Readonly<Record<string, AttributeValue>>;
  readonly label: string | null;
  readonly actor: string;
  readonly createdAtUnixNano: bigint;
  /** The version that it came from. */
  readonly parentId: string | null;
}

export interface ConfigurationDifference {
  readonly key: string;
  readonly before: AttributeValue | undefined;
  readonly after: AttributeValue | undefined;
}
