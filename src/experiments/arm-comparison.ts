import type { ArmEvidence, DecisionRules } from '../model/experiment';
import {
  addValue,
  asymptoticConfidenceSequence,
  AssignmentEvidence,
  emptyMoments,
  sampleVariance,
  type Moments,
} from '../stats';
import { GuardrailWatch } from './guardrail-watch';

/** What happened to one unit of the pair, seen from the challenger. */
export interface PairedUnit {
  readonly treated: boolean;
  /** Of the challenger, given that the unit came to one of the two. */
  readonly propensity: number;
  readonly value: number;
  readonly context: string | null;
  readonly measures: Readonly<Record<string, number | null>> | undefined;
}

/** One challenger against control. */
export class ArmComparison {
  readonly name: string;
  readonly #rules: DecisionRules;
  readonly #evidence = new AssignmentEvidence();
  readonly #watches: readonly { readonly metric: string; readonly watch: GuardrailWatch }[];
  readonly #stopping: readonly GuardrailWatch[];
  readonly #share: number;
  #treated: Moments = emptyMoments();
  #control: Moments = emptyMoments();
  /** (A - p)(y - m) / (p (1 - p)): their mean is unbiased for the difference whatever the propensities followed from. */
  #scores: Moments = emptyMoments();
  /** Propensities that follow the outcomes bias plain means. */
  #isAdaptive = false;

  constructor(name: string, rules: DecisionRules) {
    this.name = name;
    this.#rules = rules;
    const [control, own] = [rules.arms[0], rules.arms.find((arm) => arm.name === name)];
    this.#share = (own?.share ?? 0) / ((own?.share ?? 0) + (control?.share ?? 0));
    const harmLimit = 20 * Math.max(1, rules.guardrails.length);
    const watches = rules.guardrails.map((guardrail) => ({
      metric: guardrail.metric,
      role: guardrail.role,
      watch: new GuardrailWatch(guardrail, harmLimit),
    }));
    this.#watches = watches;
    this.#stopping = watches.filter(({ role }) => role === 'guardrail').map(({ watch }) => watch);
  }

  /** `units`: with an outcome so far, over all arms. */
  add(unit: PairedUnit, units: number): void {
    this.#evidence.add(unit.treated, unit.propensity, unit.value, unit.context);
    this.#score(unit);
    if (unit.treated) this.#treated = addValue(this.#treated, unit.value);
    else this.#control = addValue(this.#control, unit.value);
    const judged = units >= this.#rules.guardrailUnits - this.#rules.guardrailRun;
    for (const { metric, watch } of this.#watches) {
      const measure = unit.measures?.[metric] ?? null;
      if (measure !== null) watch.add(unit.treated, unit.propensity, measure, unit.context);
      if (judged) watch.judge();
    }
  }

  get difference(): number | null {
    if (this.#treated.n === 0 || this.#control.n === 0) return null;
    return this.#isAdaptive ? this.#scores.mean : this.#treated.mean - this.#control.mean;
  }

  /** Shares followed the outcomes, or were changed on the way. */
  get isAdaptive(): boolean {
    return this.#isAdaptive;
  }

  #score({ treated, propensity, value }: PairedUnit): void {
    this.#isAdaptive ||= Math.abs(propensity - this.#share) > 1e-9;
    const n = this.#treated.n + this.#control.n;
    const sum = this.#treated.n * this.#treated.mean + this.#control.n * this.#control.mean;
    const prediction = (sum + 1) / (n + 2);
    const spread = propensity * (1 - propensity);
    const score = (((treated ? 1 : 0) - propensity) * (value - prediction)) / spread;
    this.#scores = addValue(this.#scores, score);
  }

  #standardError(): number {
    if (this.#isAdaptive) return Math.sqrt(sampleVariance(this.#scores) / this.#scores.n);
    const ofMean = (moments: Moments): number => sampleVariance(moments) / moments.n;
    return Math.sqrt(ofMean(this.#treated) + ofMean(this.#control));
  }

  /** The evidence reached what `ship` asks for: once there, it stays (Ville). */
  isProven(challengers: number): boolean {
    const limit = Math.log(challengers / this.#rules.alpha);
    const enough = Math.min(this.#treated.n, this.#control.n) >= this.#rules.minimumUnitsPerArm;
    return enough && this.#evidence.maxLogEBetter >= limit && (this.difference ?? 0) > 0;
  }

  guardrailsAllow(): boolean {
    return this.#stopping.every((watch) => watch.isInside(this.#rules.guardrailRun));
  }

  /** The name of a guardrail that is proven harmed. */
  harmed(): string | null {
    return (
      this.#watches.find(({ watch }) => this.#stopping.includes(watch) && watch.isHarmed())
        ?.metric ?? null
    );
  }

  harmedSignals(): readonly string[] {
    return this.#watches
      .filter(({ watch }) => !this.#stopping.includes(watch) && watch.isHarmed())
      .map(({ metric }) => metric);
  }

  /** Proven worse than control on the success metric itself. */
  isWorse(challengers: number): boolean {
    return this.#evidence.maxLogEWorse >= Math.log(challengers / this.#rules.alpha);
  }

  /** Even the upper end of the always-valid interval is not worth shipping. */
  isFutile(): boolean {
    const { minimumUnitsPerArm, minimumEffect, alpha, cap } = this.#rules;
    if (Math.min(this.#treated.n, this.#control.n) < Math.max(2, minimumUnitsPerArm)) return false;
    const standardError = this.#standardError();
    const n = this.#treated.n + this.#control.n;
    const estimate = this.difference ?? 0;
    // The factor of the sequence is above 2.9 everywhere, so most units need no root and no logarithm.
    if (estimate + 2.9 * standardError >= minimumEffect) return false;
    const plannedN = Math.max(1, cap);
    const sequence = asymptoticConfidenceSequence(
      { estimate, standardError, n },
      { alpha, plannedN },
    );
    return sequence.upper < minimumEffect;
  }

  toEvidence(): ArmEvidence {
    return {
      name: this.name,
      units: this.#treated.n,
      mean: this.#treated.n === 0 ? null : this.#treated.mean,
      difference: this.difference,
      eValue: Math.exp(this.#evidence.maxLogEBetter),
      eValueWorse: Math.exp(this.#evidence.maxLogEWorse),
      guardrails: this.#watches.map(({ watch }) => watch.evidence(this.#rules.guardrailRun)),
    };
  }
}
