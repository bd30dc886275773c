import type { Predicate } from '../../model/pattern';
import type { Bitset } from '../units/bitset';
import type { StratumKey } from '../units/stratum-keys';

/** A hypothesis, registered without a look at any outcome. */
export interface Candidate {
  readonly predicate: Predicate;
  /** As `candidates --kinds` names it. */
  readonly kind: string;
  /** Units that have the feature. */
  readonly bits: Bitset;
  /** Units it is compared within: the context of an interaction; `null` = all. */
  readonly within: Bitset | null;
  /** Text of that context; empty without one. */
  readonly contextText: string;
  /** Text of the knob's own candidate, for an interaction. */
  readonly parent: string | null;
  /** Units with the feature. */
  readonly support: number;
  /** Candidates with the same units, or nearly (phi above .95). */
  readonly aliases: readonly string[];
  /** Conjunctions of which the same is true beyond those that are named. */
  readonly moreAliases: number;
  /** Known before the run started: knobs, task and agent attributes. */
  readonly preTreatment: boolean;
  /** A lever exists: a knob. */
  readonly controllable: boolean;
  /** Possibly a consequence of the outcome: the last step, totals, duration. */
  readonly outcomeProximal: boolean;
  /** Answers to a failure within the run. */
  readonly outcomeTriggered: boolean;
  /** Strata that are the tested attribute itself or a function of it. */
  readonly notStratifiedBy: readonly StratumKey[];
}
