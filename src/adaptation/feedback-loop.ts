import type { Adaptation, AdaptationOutcome } from '../model/adaptation';
import type { ClosedExecution } from '../model/learning';
import type { Clock } from '../model/ports';
import type { ExposureReader, LearningFeed, OutcomeChange } from '../model/ports-learning';
import type { AdaptationEngine } from './adaptation-engine';
import { AdaptationWatch } from './adaptation-watch';
import { ALERT_HOLD_BACK, CLOSER_HOLD_BACK, mayRaise, PROOF } from './life-cycle';

/** Mean number of units to a false alarm, at least; among the first 2,000 there is one in some .05 of lives without effect. */
export const ALARM_UNITS = 25_000;

/** From here on twice as many are held back: at a tenth what a unit tells would come to an alert a quarter later. */
export const CLOSER_UNITS = 2_500;

export interface FeedbackLoopOptions {
  readonly engine: AdaptationEngine;
  readonly clock: Clock;
  /** Where `round` reads what it has not seen. */
  readonly feed: ExposureReader & Pick<LearningFeed, 'readOutcomeChanges'>;
}

export interface FeedbackStep {
  readonly adaptationId: string;
  readonly step: 'closer' | 'alert' | 'roll_back' | 'retest' | 'proof' | 'raise' | 'pause';
}

/** Read and counted before others get their turn. */
const PAGE = 100;

/** Who acts; may lower exposure or stop, and raise on evidence only. */
const loop = { name: 'feedback loop', automatic: true } as const;

/**
 * Watches what is in use against those who are held back, on runs as they close and outcomes as they arrive: what
 * may be harm holds a fifth of the units back, an alarm half of them, an e-value of 20 for each adaptation in use takes it away and opens one
 * retest. A signal that gets worse pauses the ramp until somebody resumes. Missing outcomes move nothing.
 *
 * What it knows is made from the store, so that a process that takes over reads the runs since each adaptation was
 * turned on once more; from then on a round costs what is new.
 */
export class FeedbackLoop {
  readonly #options: FeedbackLoopOptions;
  readonly #watches = new Map<string, AdaptationWatch>();
  #outcomeCursor: number | 'now' = 'now';

  constructor(options: FeedbackLoopOptions) {
    this.#options = options;
  }

  /** Reads what is new, acts on it, and stores what each adaptation shows. */
  async round(): Promise<readonly FeedbackStep[]> {
    const { engine, feed, clock } = this.#options;
    const inUse = await this.#inUse();
    if (inUse.size === 0) {
      this.#outcomeCursor = 'now';
      return [];
    }
    const steps: FeedbackStep[] = [];
    if (this.#outcomeCursor === 'now') {
      this.#outcomeCursor = (await feed.readOutcomeChanges('now', PAGE)).cursor;
    }
    for (const { id, startedAtUnixNano } of inUse.values()) {
      const closedSinceUnixNano = startedAtUnixNano ?? undefined;
      for (;;) {
        const watch = this.#watches.get(id);
        const subject = { kind: 'adaptation', id, closedSinceUnixNano } as const;
        const page = await feed.readExposed(subject, watch?.cursor ?? 0, PAGE);
        const taken = await this.observe(page.executions);
        steps.push(...taken);
        const now = this.#watches.get(id);
        // Rolled back: what is left of the page belongs to what is over.
        if (now !== undefined && (watch === undefined || now === watch)) now.cursor = page.cursor;
        if (page.executions.length < PAGE || now === undefined || isOver(taken)) break;
      }
    }
    steps.push(...(await this.#readOutcomes()));
    for (const adaptation of (await this.#inUse()).values()) {
      await this.#record(adaptation);
      if (mayRaise(adaptation, clock.nowUnixNano())) {
        await engine.apply(adaptation.id, loop);
        steps.push({ adaptationId: adaptation.id, step: 'raise' });
      }
    }
    return steps;
  }

  /** Executions that were not seen before; one that was is not counted again. */
  async observe(executions: Iterable<ClosedExecution>): Promise<readonly FeedbackStep[]> {
    const inUse = await this.#inUse();
    const steps: FeedbackStep[] = [];
    for (const execution of executions) {
      for (const { adaptationId, variant } of execution.exposures) {
        const adaptation = adaptationId === null ? undefined : inUse.get(adaptationId);
        if (adaptation === undefined || (variant !== 'treated' && variant !== 'held_back'))
          continue;
        const moved = this.#watchOf(adaptation).add(execution, variant === 'treated', adaptation);
        if (moved) await this.#act(adaptation, inUse, steps);
      }
    }
    return steps;
  }

  /** Outcomes that came after closing, or were revised. */
  async revise(changes: Iterable<OutcomeChange>): Promise<readonly FeedbackStep[]> {
    const inUse = await this.#inUse();
    const steps: FeedbackStep[] = [];
    for (const { executionId, outcome } of changes) {
      for (const adaptation of inUse.values()) {
        const moved = this.#watchOf(adaptation).revise(executionId, outcome);
        if (moved) await this.#act(adaptation, inUse, steps);
      }
    }
    return steps;
  }

  outcomeOf(adaptationId: string): AdaptationOutcome | null {
    return this.#watches.get(adaptationId)?.outcome() ?? null;
  }

  async #readOutcomes(): Promise<readonly FeedbackStep[]> {
    const steps: FeedbackStep[] = [];
    for (;;) {
      const page = await this.#options.feed.readOutcomeChanges(this.#outcomeCursor, PAGE);
      steps.push(...(await this.revise(page.changes)));
      this.#outcomeCursor = page.cursor;
      if (page.changes.length < PAGE) return steps;
    }
  }

  /** Those that are no longer in use, or were turned on anew, are forgotten. */
  async #inUse(): Promise<Map<string, Adaptation>> {
    const inUse = new Map(
      (await this.#options.engine.list())
        .filter(({ status }) => status === 'rolling_out' || status === 'active')
        .map((adaptation) => [adaptation.id, adaptation]),
    );
    for (const [id, watch] of this.#watches) {
      if (inUse.get(id)?.startedAtUnixNano !== watch.startedAtUnixNano) this.#watches.delete(id);
    }
    return inUse;
  }

  async #act(
    adaptation: Adaptation,
    inUse: Map<string, Adaptation>,
    steps: FeedbackStep[],
  ): Promise<void> {
    const { id } = adaptation;
    const watch = this.#watchOf(adaptation);
    const take = (step: FeedbackStep['step']): number => steps.push({ adaptationId: id, step });
    const needed = PROOF * inUse.size;
    if (watch.eValueHarm >= needed) {
      take('roll_back');
      inUse.delete(id);
      const retested = await this.#rollBack(adaptation, watch, needed);
      if (retested !== null) take('retest');
    } else if (adaptation.holdBackPercent < ALERT_HOLD_BACK && watch.alarm >= ALARM_UNITS) {
      take('alert');
      const evidence = { alarm: watch.alarm, needed: ALARM_UNITS, units: watch.units };
      inUse.set(id, await this.#options.engine.alert(id, evidence));
      watch.restartAlarm();
    } else if (mayLookCloser(adaptation) && watch.alarm >= CLOSER_UNITS) {
      take('closer');
      const evidence = { alarm: watch.alarm, needed: CLOSER_UNITS, units: watch.units };
      inUse.set(id, await this.#options.engine.lookCloser(id, evidence));
    } else if ((adaptation.causalEvidence ?? 0) < PROOF && watch.eValueBetter >= PROOF) {
      take('proof');
      inUse.set(id, await this.#recordOutcome(id, watch));
    } else if (adaptation.pausedBy === null) {
      const harmed = watch.harmedSignal(adaptation);
      if (harmed === null) return;
      take('pause');
      const evidence = { signal: harmed.metric, e_value: harmed.eValue };
      inUse.set(id, await this.#options.engine.pause(id, harmed.metric, evidence));
    }
  }

  async #rollBack(
    { id, retests }: Adaptation,
    watch: AdaptationWatch,
    needed: number,
  ): Promise<Adaptation | null> {
    const { engine } = this.#options;
    const { effect } = watch.outcome();
    const evidence = { e_value: watch.eValueHarm, needed, effect, units: watch.units };
    await this.#recordOutcome(id, watch);
    await engine.rollback(id, loop.name, 'harms: treated do worse than held back', evidence);
    this.#watches.delete(id);
    return retests > 0 ? null : engine.retest(id, loop.name);
  }

  /** When a tenth more is known than what is stored, so that the audit grows with the logarithm of the units. */
  async #record({ id, outcome }: Adaptation): Promise<void> {
    const watch = this.#watches.get(id);
    if (watch === undefined) return;
    const stored = outcome === null ? 0 : outcome.treated.units + outcome.heldBack.units;
    if (watch.units > 0 && watch.units >= 1.1 * stored) await this.#recordOutcome(id, watch);
  }

  #recordOutcome(id: string, watch: AdaptationWatch): Promise<Adaptation> {
    return this.#options.engine.recordOutcome(id, watch.outcome(), watch.eValueBetter);
  }

  #watchOf(adaptation: Adaptation): AdaptationWatch {
    const watch = this.#watches.get(adaptation.id) ?? new AdaptationWatch(adaptation);
    this.#watches.set(adaptation.id, watch);
    return watch;
  }
}

/** Before the last stage more than a tenth are untreated anyway, and more would tell no sooner. */
function mayLookCloser({ trafficPercent, holdBackPercent }: Adaptation): boolean {
  return trafficPercent === 100 && holdBackPercent < CLOSER_HOLD_BACK;
}

function isOver(steps: readonly FeedbackStep[]): boolean {
  return steps.some(({ step }) => step === 'roll_back');
}
