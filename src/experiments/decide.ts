import { InputError } from '../errors';
import type {
  ArmEvidence,
  Decision,
  DecisionRules,
  ExperimentDecision,
  Observation,
} from '../model/experiment';
import { addValue, emptyMoments, SampleRatioProcess, type Moments } from '../stats';
import { ArmComparison } from './arm-comparison';
import { decisionRules, type DecisionRulesInput } from './decision-rules';
import { LikelyBetter } from './likely-better';

/**
 * What the rules make of the observations, unit by unit in the order of assignment: the decision stands at
 * the first unit where it falls, whatever comes later, so that it does not depend on who looked when.
 *
 * Pure: the same observations and rules give the same decision, bit for bit.
 *
 * @throws ConfigError for rules that cannot hold, InputError for an observation that does not fit them.
 */
export function decide(observations: Iterable<Observation>, rules: DecisionRulesInput): Decision {
  const decider = new Decider(decisionRules(rules));
  for (const observation of observations) {
    if (decider.add(observation) !== 'continue') break;
  }
  return decider.decision();
}

/** {@link decide} one unit at a time, for those who watch a stream. */
export class Decider {
  readonly #rules: DecisionRules;
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #challengers: readonly ArmComparison[];
  readonly #assigned: SampleRatioProcess;
  readonly #answered: SampleRatioProcess;
  readonly #likely: LikelyBetter;
  #control: Moments = emptyMoments();
  #units = 0;
  #decision: ExperimentDecision = 'continue';
  #winner: ArmComparison | null = null;
  #reason: string | null = null;

  constructor(rules: DecisionRules) {
    this.#rules = rules;
    this.#indexes = new Map(rules.arms.map(({ name }, index) => [name, index]));
    this.#challengers = rules.arms.slice(1).map(({ name }) => new ArmComparison(name, rules));
    this.#assigned = new SampleRatioProcess(rules.arms.length);
    this.#answered = new SampleRatioProcess(rules.arms.length);
    this.#likely = new LikelyBetter(rules.arms.map(({ name }) => name));
  }

  /** The decision with this unit; after it has fallen, units change nothing. */
  add(observation: Observation): ExperimentDecision {
    if (this.#decision !== 'continue') return this.#decision;
    const arm = this.#indexOf(observation);
    const share = this.#shareOf(observation, arm);
    this.#assigned.add(arm, share);
    if (observation.value !== null) this.#addOutcome(observation, observation.value, arm, share);
    this.#conclude();
    return this.#decision;
  }

  decision(): Decision {
    const control: ArmEvidence = {
      name: this.#rules.arms[0]?.name ?? '',
      units: this.#control.n,
      mean: this.#control.n === 0 ? null : this.#control.mean,
      difference: null,
      eValue: null,
      eValueWorse: null,
      guardrails: [],
    };
    return {
      decision: this.#decision,
      winner: this.#winner?.name ?? null,
      likely: this.#likelyChoice(),
      reason: this.#reason ?? this.#whyContinue(),
      units: this.#units,
      signals: [...new Set(this.#challengers.flatMap((arm) => arm.harmedSignals()))],
      sampleRatioEValue: Math.exp(Math.max(this.#assigned.maxLogE, this.#answered.maxLogE)),
      arms: [control, ...this.#challengers.map((arm) => arm.toEvidence())],
    };
  }

  #addOutcome(observation: Observation, value: number, arm: number, share: number): void {
    if (!(value >= 0 && value <= 1)) {
      throw new InputError(
        `unit ${observation.unit}: the success metric must be in [0, 1], got ${value}.`,
      );
    }
    this.#answered.add(arm, share);
    this.#likely.add(arm, value, observation.context ?? '');
    this.#units += 1;
    if (arm === 0) this.#control = addValue(this.#control, value);
    this.#challengers.forEach((comparison, index) => {
      const treated = arm === index + 1;
      if (!treated && arm !== 0) return;
      const own = treated ? share : this.#shareOf(observation, index + 1);
      const other = treated ? this.#shareOf(observation, 0) : share;
      comparison.add(
        {
          treated,
          propensity: own / (own + other),
          value,
          context: observation.context ?? null,
          measures: observation.measures,
        },
        this.#units,
      );
    });
  }

  #conclude(): void {
    const limit = Math.log(this.#rules.sampleRatioLimit);
    if (this.#assigned.maxLogE >= limit) {
      this.#end(
        'invalid',
        `units did not arrive in the planned shares (e = ${eText(this.#assigned.maxLogE)})`,
      );
    } else if (this.#answered.maxLogE >= limit) {
      this.#end(
        'invalid',
        `outcomes are missing more often in one arm (e = ${eText(this.#answered.maxLogE)})`,
      );
    } else {
      this.#concludeFromEvidence();
    }
  }

  #concludeFromEvidence(): void {
    const count = this.#challengers.length;
    const winner = this.#bestProven();
    if (winner !== null) {
      this.#winner = winner;
      this.#end('ship', this.#describe(winner, 'is better than control'));
      return;
    }
    const out = this.#challengers.map((arm) => {
      const harmed = arm.harmed();
      if (harmed !== null) return `${arm.name} harms ${harmed}`;
      if (arm.isWorse(count)) return this.#describe(arm, 'is worse than control');
      if (!arm.isProven(count) && arm.isFutile())
        return `${arm.name} gains less than ${this.#rules.minimumEffect}`;
      return null;
    });
    if (out.every((reason) => reason !== null)) this.#end('keep_control', out.join('; '));
    else if (this.#units >= this.#rules.cap) {
      const end = `${this.#units} units, the cap, and neither is shown to be better`;
      this.#end('no_decision', end + likelyText(this.#likelyChoice()));
    }
  }

  #bestProven(): ArmComparison | null {
    if (this.#units < (this.#hasGuardrails() ? this.#rules.guardrailUnits : 0)) return null;
    let best: ArmComparison | null = null;
    for (const arm of this.#challengers) {
      if (!arm.isProven(this.#challengers.length)) continue;
      if (arm.harmed() !== null || !arm.guardrailsAllow()) continue;
      if (best === null || (arm.difference ?? 0) > (best.difference ?? 0)) best = arm;
    }
    return best;
  }

  #likelyChoice(): Decision['likely'] {
    const mayTell = this.#decision === 'continue' || this.#decision === 'no_decision';
    return mayTell && !this.#challengers.some((arm) => arm.isAdaptive)
      ? this.#likely.choice()
      : null;
  }

  #hasGuardrails(): boolean {
    return this.#rules.guardrails.some(({ role }) => role === 'guardrail');
  }

  #end(decision: ExperimentDecision, reason: string): void {
    this.#decision = decision;
    this.#reason = reason;
  }

  #whyContinue(): string {
    const waiting = this.#challengers.find((arm) => arm.isProven(this.#challengers.length));
    return waiting === undefined
      ? `${this.#units} units and no decision yet`
      : `${this.#describe(waiting, 'is better than control')}, and its guardrails are still being measured`;
  }

  #describe(arm: ArmComparison, claim: string): string {
    const { difference, eValue, eValueWorse } = arm.toEvidence();
    const e = (difference ?? 0) >= 0 ? eValue : eValueWorse;
    const points = (100 * (difference ?? 0)).toFixed(1);
    return `${arm.name} ${claim} by ${points} points after ${this.#units} units (e = ${eText(Math.log(e ?? 1))})`;
  }

  #indexOf({ unit, arm }: Observation): number {
    const index = this.#indexes.get(arm);
    if (index !== undefined) return index;
    const known = [...this.#indexes.keys()].join(', ');
    throw new InputError(`unit ${unit}: unknown variant "${arm}", expected one of ${known}.`);
  }

  #shareOf(observation: Observation, arm: number): number {
    const rule = this.#rules.arms[arm];
    const share = observation.propensities?.[rule?.name ?? ''] ?? rule?.share ?? NaN;
    if (share > 0 && share < 1) return share;
    throw new InputError(
      `unit ${observation.unit}: the propensity of "${rule?.name}" must be in (0, 1), got ${share}.`,
    );
  }
}

/** Which is no proof: 1 of 5 of these is none. */
function likelyText(likely: Decision['likely']): string {
  if (likely === null) return '';
  return `; who must choose: ${likely.name} is probably better than control (${likely.probability.toFixed(2)}), which is not proven`;
}

function eText(logE: number): string {
  const e = Math.exp(logE);
  return e >= 1e6 ? e.toExponential(1) : e >= 100 ? e.toFixed(0) : e.toPrecision(3);
}
