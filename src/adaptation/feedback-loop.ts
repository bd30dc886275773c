import type { Adaptation, AdaptationOutcome } from '../model/adaptation';
import type { ClosedExecution } from '../model/learning';
import {
  addValue,
  AssignmentEvidence,
  emptyMoments,
  HarmWatch,
  welchTest,
  type Moments,
} from '../stats';
import type { AdaptationEngine } from './adaptation-engine';
import { PROOF } from './life-cycle';
import { treatmentPropensity } from './resolve';

/** Mean number of units to a false alarm, at least. */
export const ALARM_UNITS = 10_000;

export interface FeedbackLoopOptions {
  readonly engine: AdaptationEngine;
  /** Outcome of a run in [0, 1], larger is better; `null` where it has none. */
  readonly value: (execution: ClosedExecution) => number | null;
}

export interface FeedbackStep {
  readonly adaptationId: string;
  readonly step: 'alert' | 'roll_back' | 'proof';
}

/**
 * Watches what is in use against those who are held back, on closed executions in the order they started: an
 * alarm holds half of the units back, an e-value of 20 for each adaptation in use takes it away and opens one
 * retest. Missing outcomes move nothing.
 */
export class FeedbackLoop {
  readonly #options: FeedbackLoopOptions;
  readonly #watches = new Map<string, Watch>();

  constructor(options: FeedbackLoopOptions) {
    this.#options = options;
  }

  /** Executions that were not seen before; one that was is not counted again. */
  async observe(executions: Iterable<ClosedExecution>): Promise<readonly FeedbackStep[]> {
    const { engine } = this.#options;
    const inUse = new Map(
      (await engine.list())
        .filter(({ status }) => status === 'rolling_out' || status === 'active')
        .map((adaptation) => [adaptation.id, adaptation]),
    );
    const steps: FeedbackStep[] = [];
    for (const execution of executions) {
      for (const { adaptationId, variant } of execution.exposures) {
        const adaptation = adaptationId === null ? undefined : inUse.get(adaptationId);
        if (adaptation === undefined || (variant !== 'treated' && variant !== 'held_back'))
          continue;
        const watch = this.#watchOf(adaptation.id);
        const value = this.#options.value(execution);
        if (value === null || execution.attempt > 1) continue;
        watch.add(execution, variant === 'treated', value, adaptation);
        const changed = await this.#act(adaptation, watch, inUse.size, steps);
        if (changed !== null) inUse.set(changed.id, changed);
      }
    }
    return steps;
  }

  outcomeOf(adaptationId: string): AdaptationOutcome | null {
    return this.#watches.get(adaptationId)?.outcome() ?? null;
  }

  async #act(
    adaptation: Adaptation,
    watch: Watch,
    active: number,
    steps: FeedbackStep[],
  ): Promise<Adaptation | null> {
    const { engine } = this.#options;
    const { id } = adaptation;
    if (watch.eValueHarm >= PROOF * active) {
      const evidence = {
        e_value: watch.eValueHarm,
        effect: watch.outcome().effect,
        units: watch.units,
      };
      await engine.rollback(
        id,
        'feedback loop',
        'harms: treated do worse than held back',
        evidence,
      );
      steps.push({ adaptationId: id, step: 'roll_back' });
      this.#watches.delete(id);
      return adaptation.retests > 0 ? null : engine.retest(id, 'feedback loop');
    }
    if (adaptation.holdBackPercent < 50 && watch.alarm >= ALARM_UNITS) {
      const changed = await engine.alert(id, { alarm: watch.alarm, units: watch.units });
      steps.push({ adaptationId: id, step: 'alert' });
      watch.restartAlarm();
      return changed;
    }
    if ((adaptation.causalEvidence ?? 0) < PROOF && watch.eValueBetter >= PROOF) {
      steps.push({ adaptationId: id, step: 'proof' });
      return engine.recordOutcome(id, watch.outcome(), watch.eValueBetter);
    }
    return null;
  }

  #watchOf(id: string): Watch {
    const watch = this.#watches.get(id) ?? new Watch();
    this.#watches.set(id, watch);
    return watch;
  }
}

/** Ids kept to know a repetition by; what comes again comes soon. */
const MOST_SEEN = 100_000;

/** The units of one adaptation since it was last turned on. */
class Watch {
  readonly #harm = new HarmWatch();
  readonly #better = new AssignmentEvidence();
  readonly #seen = new Set<string>();
  #treated: Moments = emptyMoments();
  #heldBack: Moments = emptyMoments();

  add(execution: ClosedExecution, treated: boolean, value: number, adaptation: Adaptation): void {
    if (this.#seen.has(execution.id)) return;
    if (this.#seen.size >= MOST_SEEN)
      for (const oldest of this.#seen) {
        this.#seen.delete(oldest);
        break;
      }
    this.#seen.add(execution.id);
    // What the run was drawn with, where it says so; the stage may have changed since.
    const logged = execution.propensities;
    const propensity =
      logged !== null && Object.hasOwn(logged, adaptation.id)
        ? (logged[adaptation.id] ?? NaN)
        : treatmentPropensity(adaptation);
    if (!(propensity > 0 && propensity < 1)) return;
    this.#harm.add(treated, propensity, value, execution.taskType);
    this.#better.add(treated, propensity, value, execution.taskType);
    if (treated) this.#treated = addValue(this.#treated, value);
    else this.#heldBack = addValue(this.#heldBack, value);
  }

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

  restartAlarm(): void {
    this.#harm.restartAlarm();
  }

  outcome(): AdaptationOutcome {
    const [treated, heldBack] = [this.#treated, this.#heldBack];
    const welch = treated.n >= 2 && heldBack.n >= 2 ? welchTest(treated, heldBack, 0.95) : null;
    return {
      treated: { units: treated.n, mean: treated.n === 0 ? null : treated.mean },
      heldBack: { units: heldBack.n, mean: heldBack.n === 0 ? null : heldBack.mean },
      effect: welch?.estimate ?? null,
      interval: welch?.interval ?? null,
    };
  }
}
