import type { AttributeValue, Attributes } from './attributes';
import type { Interval } from './interval';

/** What one unit of randomisation is: every execution of it gets the same variant. */
export type ExperimentUnit = 'task' | 'session' | 'user';

export type ExperimentStatus = 'running' | 'decided' | 'invalid' | 'stopped';

/**
 * `ship`: the winner is proven better and no guardrail stands against it. `keep_control`: no challenger can
 * be worth it any more. `no_decision`: the cap was reached first. `invalid`: the data cannot be trusted.
 */
export type ExperimentDecision = 'ship' | 'keep_control' | 'continue' | 'no_decision' | 'invalid';

export interface ExperimentVariant {
  readonly name: string;
  /** Settings that the variant changes; applied by the application or by `resolve`. */
  readonly config: Attributes;
}

/**
 * `success`, `latency`, `cost`, `tokens`, `errors`, or the name of a reward dimension; or a score in [0, 1] made of dimensions
 * with weights that sum to 1.
 */
export type MetricChoice = string | { readonly weights: Readonly<Record<string, number>> };

/** How a guardrail or signal is measured; each says what larger values mean and in what its margin is. */
export type MetricKind =
  /** Values in [0, 1]; margin is absolute. */
  | 'mean'
  /** Positive values; relative difference of means. */
  | 'ratio_of_means'
  /** Positive values; relative difference of 95th percentiles. */
  | 'ratio_of_p95';

export interface Guardrail {
  readonly metric: string;
  readonly kind: MetricKind;
  readonly higherIsBetter: boolean;
  /** Largest worsening that is accepted, > 0: absolute for means, as a share for ratios. */
  readonly margin: number;
  /** `guardrail`: harm stops. `signal`: harm asks a person, and never stops. */
  readonly role: 'guardrail' | 'signal';
}

/** The rules that were fixed before the first unit; a decision follows from them and the observations alone. */
export interface DecisionRules {
  /** The first is the control. */
  readonly arms: readonly { readonly name: string; readonly share: number }[];
  /** Chance of a false `ship` over the whole experiment. */
  readonly alpha: number;
  readonly minimumUnitsPerArm: number;
  /** Units with an outcome after which the experiment ends. */
  readonly cap: number;
  /** Smallest gain worth shipping, in the metric's unit: below it for certain, control is kept. */
  readonly minimumEffect: number;
  readonly guardrails: readonly Guardrail[];
  /** Guardrails are judged from this many units on, and must be inside for that many on end. */
  readonly guardrailUnits: number;
  readonly guardrailRun: number;
  /** The sample ratio's e-value at which the assignment counts as broken. */
  readonly sampleRatioLimit: number;
}

/** One unit in the order of assignment. */
export interface Observation {
  readonly unit: string;
  readonly arm: string;
  /** Probability of each arm at the time; the rules' shares where absent. */
  readonly propensities?: Readonly<Record<string, number>> | undefined;
  /** Units of one context are predicted from each other, which saves units. */
  readonly context?: string | null | undefined;
  /** The success metric, in [0, 1], larger is better; `null` where no outcome came by the horizon. */
  readonly value: number | null;
  /** Per metric of the guardrails; absent or `null` where unknown. */
  readonly measures?: Readonly<Record<string, number | null>> | undefined;
}

/** The evidence on one arm when the decision fell (or now). */
export interface ArmEvidence {
  readonly name: string;
  /** Units with an outcome. */
  readonly units: number;
  readonly mean: number | null;
  /** Against control; `null` for control itself. */
  readonly difference: number | null;
  /** Largest so far of "better than control". */
  readonly eValue: number | null;
  readonly eValueWorse: number | null;
  readonly guardrails: readonly GuardrailEvidence[];
}

export interface GuardrailEvidence {
  readonly metric: string;
  readonly role: Guardrail['role'];
  /** Worsening is negative for metrics where higher is better, positive else; `null` before two units an arm. */
  readonly estimate: number | null;
  readonly standardError: number | null;
  /** e-value of harm, largest so far. */
  readonly eValueHarm: number;
  readonly harmed: boolean;
  /** Inside its margin for the required run of units. */
  readonly inside: boolean;
  /** The standard error is small enough to see the margin. */
  readonly measurable: boolean;
}

export interface Decision {
  readonly decision: ExperimentDecision;
  readonly winner: string | null;
  /**
   * Who has to choose now although nothing is proven: the arm that is probably better than control; `null` where none is
   * with .8, where one won, and under shares that follow outcomes. It bounds no error, and nothing is rolled out by it.
   */
  readonly likely: { readonly name: string; readonly probability: number } | null;
  /** One sentence with the numbers. */
  readonly reason: string;
  /** Units with an outcome that the decision rests on. */
  readonly units: number;
  /** Signals that are harmed: the ramp pauses and somebody is asked. */
  readonly signals: readonly string[];
  readonly sampleRatioEValue: number;
  readonly arms: readonly ArmEvidence[];
}

/** An experiment as it is stored; variants never change after creation. */
export interface Experiment {
  readonly id: string;
  readonly name: string;
  /** Experiments of one key exclude each other. */
  readonly key: string;
  /** From 1; a new version draws all units anew. */
  readonly version: number;
  readonly unit: ExperimentUnit;
  readonly variants: readonly ExperimentVariant[];
  /** Per variant, sums to 1; stored assignments win when it changes. */
  readonly trafficSplit: readonly number[];
  /**
   * `split`: the shares stay as they were given. `thompson`: they follow the outcomes, so that fewer units get what is worse; each
   * assignment logs what it was drawn with, and estimates and decision rest on that.
   */
  readonly allocation: 'split' | 'thompson';
  /** Under `thompson`: share that goes to all variants alike. */
  readonly floor: number;
  readonly successMetric: MetricChoice;
  readonly rules: DecisionRules;
  /** Hours after an execution's start at which a missing outcome counts as missing. */
  readonly horizonHours: number;
  readonly durationDays: number;
  /** The winner goes to 100 % without being asked for; not where a signal got worse. */
  readonly rollOutWinner: boolean;
  readonly status: ExperimentStatus;
  readonly decision: ExperimentDecision;
  readonly winner: string | null;
  readonly reason: string | null;
  readonly startedAtUnixNano: bigint;
  readonly decidedAtUnixNano: bigint | null;
}

/** What somebody asks for. */
export interface ExperimentInput {
  readonly name: string;
  /** The first is the control. Settings are plain JSON. */
  readonly variants: readonly {
    readonly name: string;
    readonly config?: Readonly<Record<string, AttributeValue>> | undefined;
  }[];
  /** One share per variant, summing to 1. */
  readonly trafficSplit: readonly number[];
  readonly successMetric: MetricChoice;
  /** (0, 365], in days of the units' own clock. @defaultValue 14 */
  readonly durationDays?: number | undefined;
  readonly guardrails?: readonly GuardrailInput[] | undefined;
  /** Harm in one of these asks, and never stops. */
  readonly signals?: readonly GuardrailInput[] | undefined;
  /** @defaultValue `task` */
  readonly unit?: ExperimentUnit | undefined;
  /** Flag key; experiments that share it or a setting exclude each other. @defaultValue the name */
  readonly key?: string | undefined;
  /** @defaultValue .05 */
  readonly alpha?: number | undefined;
  /** @defaultValue .05, in the metric's unit */
  readonly minimumEffect?: number | undefined;
  /** Units with an outcome. @defaultValue 3,000 */
  readonly cap?: number | undefined;
  /** @defaultValue 24 */
  readonly horizonHours?: number | undefined;
  /** `thompson` for short-lived tests or many variants: it costs fewer failures, and the answer comes later. @defaultValue `split` */
  readonly allocation?: 'split' | 'thompson' | undefined;
  /** Under `thompson`, in (0, 1): share that goes to all variants alike. @defaultValue .05 */
  readonly floor?: number | undefined;
  /** Everybody gets the winner as soon as it is proven; else control, until somebody acts. @defaultValue true */
  readonly rollOutWinner?: boolean | undefined;
}

export type GuardrailInput = string | (Partial<Guardrail> & { readonly metric: string });

export interface Assignment {
  readonly experimentId: string;
  readonly unit: string;
  readonly variant: string;
  /** Of every variant at that moment; they sum to 1. */
  readonly propensities: Readonly<Record<string, number>>;
  /** The unit's position in [0, 1). */
  readonly bucket: number;
  readonly assignedAtUnixNano: bigint;
}

/** An assignment, and how it came about. */
export interface AssignmentAnswer extends Assignment {
  readonly config: Attributes;
  /** `hash`: computed just now; `stored`: as it was before. */
  readonly source: 'hash' | 'stored';
  /** What to put on the span so that the run counts. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** INTERFACES 4. */
export interface ExperimentAnalysis {
  readonly experimentId: string;
  readonly status: 'running' | 'decided' | 'invalid';
  readonly decision: ExperimentDecision;
  readonly winner: string | null;
  readonly reason: string;
  readonly metric: string;
  /** Units with an outcome. */
  readonly units: number;
  readonly sampleRatio: {
    readonly expected: Readonly<Record<string, number>>;
    readonly observed: Readonly<Record<string, number>>;
    readonly eValue: number;
    readonly pValue: number;
    readonly ok: boolean;
  };
  readonly variants: readonly VariantAnalysis[];
  /** Two arms over the same tasks; `null` where none repeat under both. */
  readonly paired: PairedAnalysis | null;
  /** Variants that no other beats for certain in every dimension. */
  readonly pareto: readonly string[];
  /** Harmed signals: somebody should look. */
  readonly signals: readonly string[];
  readonly wording: 'causes' | 'associated_with';
  readonly excluded: readonly { readonly reason: string; readonly units: number }[];
  /** More units, over all arms, until a difference as large as the one seen could be shown; `null` if none is needed. */
  readonly neededUnits: number | null;
  /** How the lifts came about, by units with an outcome in the order of assignment; empty where units had none. */
  readonly series: readonly EffectPoint[];
  /** Of the planned size for the smallest effect worth shipping. */
  readonly power: number | null;
  readonly startedAtUnixNano: bigint | null;
  readonly decidedAtUnixNano: bigint | null;
}

/** The lifts when so many units had an outcome. */
export interface EffectPoint {
  readonly units: number;
  /** Start of the last of them. */
  readonly atUnixNano: bigint;
  /** Of each challenger with two units an arm; the interval is valid whenever one looks. */
  readonly lifts: readonly {
    readonly name: string;
    readonly estimate: number;
    readonly interval: Interval;
  }[];
}

export interface VariantAnalysis {
  readonly name: string;
  readonly units: number;
  readonly mean: number | null;
  readonly interval: Interval | null;
  /** Against control; `null` for control. */
  readonly lift: {
    readonly estimate: number;
    readonly interval: Interval;
    /** Valid whenever one looks; from another bound than the e-value, so the two may differ at the edge. */
    readonly alwaysValidInterval: Interval;
  } | null;
  readonly eValue: number | null;
  readonly pValue: number | null;
  /** For display only: the decision does not use it. */
  readonly probabilityBest: number | null;
  readonly expectedLoss: number | null;
  readonly guardrails: readonly GuardrailReading[];
  readonly dimensions: Readonly<
    Record<string, { readonly mean: number; readonly interval: Interval }>
  >;
}

export interface GuardrailReading {
  readonly metric: string;
  readonly role: Guardrail['role'];
  readonly estimate: number | null;
  readonly interval: Interval | null;
  readonly harmed: boolean;
  readonly note: string | null;
}

export interface PairedAnalysis {
  readonly tasks: number;
  /** Difference of means, treatment minus control, within tasks. */
  readonly estimate: number;
  readonly interval: Interval;
  /** Discordant pairs where each task ran once under each arm; else `null`. */
  readonly onlyControl: number | null;
  readonly onlyTreatment: number | null;
  readonly test: 'mcnemar_exact' | 'paired_t';
  readonly pValue: number;
}
