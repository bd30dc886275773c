import { isSpent, type Adaptation, type AdaptationOutcome } from '../model/adaptation';
import { GuardrailWatch, metricOf } from '../experiments';
import type { ClosedExecution } from '../model/learning';
import {
  addValue,
  AssignmentEvidence,
  emptyMoments,
  HarmWatch,
  LogHistogram,
  welchTest,
  type Moments,
} from '../stats';
import { treatmentPropensity } from './resolve';

/** Units kept by their id: to know one that comes again, to wait for its outcome, to take a revised one over. */
const MOST_UNITS = 100_000;

interface Unit {
  readonly treated: boolean;
  readonly propensity: number;
  readonly taskType: string | null;
  /** `null` while there is none. */
  value: number | null;
}

/**
 * The units of one adaptation since it was last turned on. A unit counts once, by its first run, when its outcome
 * arrives: the score (A - p)(y - m) is centred, so that outcomes which take longer in one arm move it in the second
 * order only, and nobody behind a missing one has to wait. An outcome that is revised afterwards changes what is
 * shown and not the evidence, which has seen it.
 */
export class AdaptationWatch {
  /** `startedAtUnixNano` of the adaptation when this began. */
  readonly startedAtUnixNano: bigint | null;
  /** Of the runs that were read. */
  cursor = 0;
  readonly #dimension: string;
  readonly #isSpent: boolean;
  readonly #earlier = new LogHistogram();
  readonly #harm = new HarmWatch();
  readonly #better = new AssignmentEvidence();
  readonly #units = new Map<string, Unit>();
  readonly #unitOf = new Map<string, string>();
  /** One iterator each for ever: a new one would pass over all that was deleted before. */
  readonly #eldest = this.#units.entries();
  readonly #eldestRun = this.#unitOf.keys();
  #treated: Moments = emptyMoments();
  #heldBack: Moments = emptyMoments();

  #signals: readonly { readonly metric: string; readonly watch: GuardrailWatch }[] = [];
  #signalsSince: bigint | null = null;

  constructor(adaptation: Adaptation) {
    this.startedAtUnixNano = adaptation.startedAtUnixNano;
    this.#dimension = adaptation.dimension;
    this.#isSpent = isSpent(adaptation.dimension);
    this.#watchSignals(adaptation);
  }

  /** @returns whether the evidence moved */
  add(execution: ClosedExecution, treated: boolean, adaptation: Adaptation): boolean {
    const id = unitOf(execution);
    if (this.#units.has(id) || execution.attempt > 1) return false;
    const propensity = propensityOf(execution, adaptation);
    if (!(propensity > 0 && propensity < 1)) return false;
    this.#forgetOldest();
    const unit: Unit = { treated, propensity, taskType: execution.taskType, value: null };
    this.#units.set(id, unit);
    this.#unitOf.set(execution.id, id);
    const measured = this.#measure(execution, unit, adaptation);
    const value = this.#isSpent ? this.#spentBy(execution) : this.#valueOf(execution.outcome);
    return this.#arrive(unit, value) || measured;
  }

  /** An outcome that came late or was revised; runs that are not watched are passed over. */
  revise(executionId: string, outcome: ClosedExecution['outcome']): boolean {
    const unit = this.#units.get(this.#unitOf.get(executionId) ?? '');
    // What a run spent is known when it closes.
    return unit !== undefined && !this.#isSpent && this.#arrive(unit, this.#valueOf(outcome));
  }

  /** With an outcome. */
  get units(): number {
    return this.#harm.units;
  }

  get alarm(): number {
    return this.#harm.alarm;
  }

  get eValueHarm(): number {
    return this.#harm.eValue;
  }

  get eValueBetter(): number {
    return Math.exp(this.#better.maxLogEBetter);
  }

  /** A signal that is proven to have got worse by more than its margin. */
  harmedSignal(
    adaptation: Adaptation,
  ): { readonly metric: string; readonly eValue: number } | null {
    this.#restartAnswered(adaptation);
    const found = this.#signals.find(({ watch }) => watch.isHarmed());
    if (found === undefined) return null;
    return { metric: found.metric, eValue: found.watch.evidence(0).eValueHarm };
  }

  restartAlarm(): void {
    this.#harm.restartAlarm();
  }

  outcome(): AdaptationOutcome {
    let [treated, heldBack] = [this.#treated, this.#heldBack];
    for (const unit of this.#units.values()) {
      if (unit.value === null) continue;
      if (unit.treated) treated = addValue(treated, unit.value);
      else heldBack = addValue(heldBack, unit.value);
    }
    const welch = treated.n >= 2 && heldBack.n >= 2 ? welchTest(treated, heldBack, 0.95) : null;
    // Of the held back: as good as theirs is known beside the difference.
    const unit = this.#isSpent ? heldBack.mean : 1;
    return {
      treated: { units: treated.n, mean: treated.n === 0 ? null : treated.mean },
      heldBack: { units: heldBack.n, mean: heldBack.n === 0 ? null : heldBack.mean },
      effect: welch === null ? null : welch.estimate / unit,
      interval:
        welch === null
          ? null
          : { lower: welch.interval.lower / unit, upper: welch.interval.upper / unit },
    };
  }

  #arrive(unit: Unit, value: number | null): boolean {
    if (value === null) return false;
    const isFirst = unit.value === null;
    unit.value = value;
    if (!isFirst) return false;
    const score = this.#isSpent ? this.#thrift(value) : value;
    this.#harm.add(unit.treated, unit.propensity, score, unit.taskType);
    this.#better.add(unit.treated, unit.propensity, score, unit.taskType);
    return true;
  }

  /** Signals are measured as the run closes: what is missing then is not waited for. */
  #measure(
    execution: ClosedExecution,
    { treated, propensity, taskType }: Unit,
    adaptation: Adaptation,
  ): boolean {
    this.#restartAnswered(adaptation);
    if (execution.rootStartTimeUnixNano <= (this.#signalsSince ?? -1n)) return false;
    let moved = false;
    for (const { metric, watch } of this.#signals) {
      const value = metricOf(execution, metric);
      if (value === null) continue;
      watch.add(treated, propensity, value, taskType);
      moved = true;
    }
    return moved;
  }

  /** What somebody looked at does not ask again. */
  #restartAnswered(adaptation: Adaptation): void {
    if (this.#signalsSince !== adaptation.resumedAtUnixNano) this.#watchSignals(adaptation);
  }

  #watchSignals({ signals, resumedAtUnixNano }: Adaptation): void {
    this.#signalsSince = resumedAtUnixNano;
    this.#signals = signals.map((signal) => ({
      metric: signal.metric,
      watch: new GuardrailWatch(signal, 20 * signals.length),
    }));
  }

  #spentBy({ costUsd, durationNano }: ClosedExecution): number | null {
    if (this.#dimension === 'cost_usd') return costUsd;
    return durationNano === null ? null : Number(durationNano) / 1e6;
  }

  /** In [0, 1] whatever the tail: the share of earlier units that spent more. */
  #thrift(value: number): number {
    const positive = Math.max(1e-9, value);
    const score = 1 - this.#earlier.midRank(positive);
    this.#earlier.add(positive);
    return score;
  }

  #valueOf(outcome: ClosedExecution['outcome']): number | null {
    return Object.hasOwn(outcome, this.#dimension) ? (outcome[this.#dimension] ?? null) : null;
  }

  /** What is forgotten stays in the means. */
  #forgetOldest(): void {
    if (this.#units.size < MOST_UNITS) return;
    const { value: oldest } = this.#eldest.next();
    const { value: oldestRun } = this.#eldestRun.next();
    if (oldest === undefined || oldestRun === undefined) return;
    const [id, { treated, value }] = oldest;
    this.#units.delete(id);
    this.#unitOf.delete(oldestRun);
    if (value === null) return;
    if (treated) this.#treated = addValue(this.#treated, value);
    else this.#heldBack = addValue(this.#heldBack, value);
  }
}

/** What `resolve` was asked for, where the root span says it; tasks else. */
function unitOf({ rootAttributes, taskId }: ClosedExecution): string {
  const unit = rootAttributes['evolution.unit'];
  return typeof unit === 'string' && unit !== '' ? unit : taskId;
}

/** What the run was drawn with, where it says so; the stage may have changed since. */
function propensityOf({ propensities }: ClosedExecution, adaptation: Adaptation): number {
  return propensities !== null && Object.hasOwn(propensities, adaptation.id)
    ? (propensities[adaptation.id] ?? NaN)
    : treatmentPropensity(adaptation);
}
