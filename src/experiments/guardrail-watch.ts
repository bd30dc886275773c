import type { Guardrail, GuardrailEvidence } from '../model/experiment';
import {
  addValue,
  AssignmentEvidence,
  emptyMoments,
  LogHistogram,
  sampleVariance,
  type Moments,
} from '../stats';

/** One guardrail of one challenger against control. */
export class GuardrailWatch {
  readonly #guardrail: Guardrail;
  readonly #harmLimit: number;
  readonly #evidence = new AssignmentEvidence();
  readonly #control = new Measured();
  readonly #treated = new Measured();
  readonly #pooled = new LogHistogram();
  #runInside = 0;

  /** `harmLimit`: the e-value at which harm is proven, 20 times the number of guardrails. */
  constructor(guardrail: Guardrail, harmLimit: number) {
    this.#guardrail = guardrail;
    this.#harmLimit = harmLimit;
  }

  add(treated: boolean, propensity: number, value: number, context: string | null): void {
    const score = this.#boundedScore(value);
    if (score !== null) this.#evidence.add(treated, propensity, score, context);
    (treated ? this.#treated : this.#control).add(value, this.#guardrail.kind);
    if (this.#guardrail.kind !== 'mean') this.#pooled.add(positive(value));
  }

  /** Called once per unit from the moment guardrails are judged. */
  judge(): void {
    const estimate = this.#estimate();
    const inside = estimate !== null && this.#worsening(estimate) <= this.#guardrail.margin;
    this.#runInside = inside ? this.#runInside + 1 : 0;
  }

  isInside(run: number): boolean {
    return this.#runInside >= run;
  }

  /** Proven worse, and by more than was agreed to. */
  isHarmed(): boolean {
    if (this.#logEHarm() < Math.log(this.#harmLimit)) return false;
    const estimate = this.#estimate();
    return estimate !== null && this.#worsening(estimate) > this.#guardrail.margin;
  }

  evidence(run: number): GuardrailEvidence {
    const standardError = this.#standardError();
    return {
      metric: this.#guardrail.metric,
      role: this.#guardrail.role,
      estimate: this.#estimate(),
      standardError,
      eValueHarm: Math.exp(this.#logEHarm()),
      harmed: this.isHarmed(),
      inside: this.isInside(run),
      measurable: standardError !== null && standardError <= this.#guardrail.margin / 2,
    };
  }

  #logEHarm(): number {
    const { higherIsBetter } = this.#guardrail;
    return higherIsBetter ? this.#evidence.maxLogEWorse : this.#evidence.maxLogEBetter;
  }

  #worsening(estimate: number): number {
    return this.#guardrail.higherIsBetter ? -estimate : estimate;
  }

  /**
   * Means are tested as they are. Positive values by their rank among the earlier ones, percentiles by
   * whether they lie above the earlier 95th: both in [0, 1] whatever the tail.
   */
  #boundedScore(value: number): number | null {
    const { kind } = this.#guardrail;
    if (kind === 'mean') return Math.min(1, Math.max(0, value));
    if (this.#pooled.count < MINIMUM_RANKED) return null;
    if (kind === 'ratio_of_means') return this.#pooled.midRank(positive(value));
    return value > this.#pooled.quantile(0.95) ? 1 : 0;
  }

  #estimate(): number | null {
    const [a, b] = [this.#treated, this.#control];
    if (a.moments.n < 2 || b.moments.n < 2) return null;
    if (this.#guardrail.kind === 'mean') return a.moments.mean - b.moments.mean;
    if (this.#guardrail.kind === 'ratio_of_p95') return a.p95(0) / b.p95(0) - 1;
    return b.moments.mean > 0 ? a.moments.mean / b.moments.mean - 1 : null;
  }

  #standardError(): number | null {
    const [a, b] = [this.#treated, this.#control];
    if (a.moments.n < 2 || b.moments.n < 2) return null;
    const ofMean = (moments: Moments): number => sampleVariance(moments) / moments.n;
    if (this.#guardrail.kind === 'mean') return Math.sqrt(ofMean(a.moments) + ofMean(b.moments));
    if (this.#guardrail.kind === 'ratio_of_p95') {
      const ratio = a.p95(0) / b.p95(0);
      return ratio * Math.hypot(a.logError(), b.logError());
    }
    if (!(b.moments.mean > 0)) return null;
    const ratio = a.moments.mean / b.moments.mean;
    return Math.sqrt(ofMean(a.moments) + ofMean(b.moments) * ratio * ratio) / b.moments.mean;
  }
}

/** Ranks among fewer earlier values say little. */
const MINIMUM_RANKED = 50;

/** The values of one arm. */
class Measured {
  moments: Moments = emptyMoments();
  readonly #histogram = new LogHistogram();

  add(value: number, kind: Guardrail['kind']): void {
    this.moments = addValue(this.moments, value);
    if (kind === 'ratio_of_p95') this.#histogram.add(positive(value));
  }

  /** The 95th percentile, or `z` standard errors of its rank beside it. */
  p95(z: number): number {
    const error = Math.sqrt((0.95 * 0.05) / this.moments.n);
    return this.#histogram.quantile(Math.min(1, 0.95 + z * error));
  }

  /** Standard error of the logarithm of the 95th percentile, from its order statistics. */
  logError(): number {
    return Math.log(this.p95(1) / this.p95(-1)) / 2;
  }
}

function positive(value: number): number {
  return Math.max(value, 1e-9);
}
