import type { Adaptation, AdaptationOutcome } from '../model/adaptation';
import type { ClosedExecution } from '../model/learning';
import type { Clock } from '../model/ports';
import type { AdaptationBook } from '../model/ports-adaptation';
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
  /** Where what moved the evidence is kept. */
  readonly book: AdaptationBook;
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
 * What moves the evidence is stored in the order in which it came, before it is acted on: a process that takes over goes on with
 * the same numbers, and each step can be computed again. A round costs what is new.
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
        if (watch === undefined) break;
        const subject = { kind: 'adaptation', id, closedSinceUnixNano } as const;
        const page = await feed.readExposed(subject, watch.cursor, PAGE);
        steps.push(...(await this.observe(page.executions)));
        // Rolled back: what is left of the page belongs to what is over.
        if (this.#watches.get(id) !== watch) break;
        watch.cursor = page.cursor;
        if (page.executions.length < PAGE) break;
      }
    }
    steps.push(...(await this.#readOutcomes()));
    for (const adaptation of (await this.#inUse()).values()) {
      const watch = this.#watches.get(adaptation.id);
      if (watch === undefined || !(await this.#store(adaptation.id, watch))) continue;
      await this.#record(adaptation, watch);
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
        const watch = this.#watches.get(adaptation.id);
        const moved = watch?.add(execution, variant === 'treated', adaptation) === true;
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
        const moved = this.#watches.get(adaptation.id)?.revise(executionId, outcome) === true;
        if (moved) await this.#act(adaptation, inUse, steps);
      }
    }
    return steps;
  }

  outcomeOf(adaptationId: string): AdaptationOutcome | null {
    return this.#watches.get(adaptationId)?.evidence.outcome() ?? null;
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

  /** Each with its watch. Those that are no longer in use, or were turned on anew, are forgotten. */
  async #inUse(): Promise<Map<string, Adaptation>> {
    const inUse = new Map(
      (await this.#options.engine.list())
        .filter(({ status }) => status === 'rolling_out' || status === 'active')
        .map((adaptation) => [adaptation.id, adaptation]),
    );
    for (const [id, watch] of this.#watches) {
      if (inUse.get(id)?.startedAtUnixNano !== watch.startedAtUnixNano) this.#watches.delete(id);
    }
    for (const [id, adaptation] of inUse) {
      if (this.#watches.has(id)) continue;
      const watch = await AdaptationWatch.open(adaptation, this.#options.book);
      this.#watches.set(id, watch);
      const [before, own] = [this.#outcomeCursor, watch.outcomeCursor];
      if (own !== null) this.#outcomeCursor = before === 'now' ? own : Math.min(before, own);
    }
    return inUse;
  }

  /** @returns `false` where another process went on meanwhile: what that one knows is read at the next round. */
  async #store(id: string, watch: AdaptationWatch): Promise<boolean> {
    const cursor = this.#outcomeCursor === 'now' ? 0 : this.#outcomeCursor;
    const isStored = await watch.store(cursor);
    if (!isStored) this.#watches.delete(id);
    return isStored;
  }

  async #act(
    adaptation: Adaptation,
    inUse: Map<string, Adaptation>,
    steps: FeedbackStep[],
  ): Promise<void> {
    const { id } = adaptation;
    const watch = this.#watches.get(id);
    const step = watch === undefined ? null : this.#stepOf(adaptation, watch, PROOF * inUse.size);
    if (watch === undefined || step === null || !(await this.#store(id, watch))) return;
    steps.push({ adaptationId: id, step: step.name });
    const after = await step.take();
    if (after !== null) inUse.set(id, after);
    else {
      inUse.delete(id);
      if (await this.#retest(adaptation)) steps.push({ adaptationId: id, step: 'retest' });
    }
  }

  /** What the evidence calls for; `take` gives `null` where it is no longer in use. */
  #stepOf(adaptation: Adaptation, watch: AdaptationWatch, needed: number): Step | null {
    const { engine } = this.#options;
    const { evidence } = watch;
    const { id } = adaptation;
    const { alarm, units, entries, eValueHarm } = evidence;
    if (eValueHarm >= needed) {
      return { name: 'roll_back', take: () => this.#rollBack(id, watch, needed) };
    }
    if (adaptation.holdBackPercent < ALERT_HOLD_BACK && alarm >= ALARM_UNITS) {
      const row = { alarm, needed: ALARM_UNITS, units, entries };
      const take = async (): Promise<Adaptation> => {
        const after = await engine.alert(id, row);
        watch.restartAlarm();
        return after;
      };
      return { name: 'alert', take };
    }
    if (mayLookCloser(adaptation) && alarm >= CLOSER_UNITS) {
      const row = { alarm, needed: CLOSER_UNITS, units, entries };
      return { name: 'closer', take: () => engine.lookCloser(id, row) };
    }
    if ((adaptation.causalEvidence ?? 0) < PROOF && evidence.eValueBetter >= PROOF) {
      return { name: 'proof', take: () => this.#recordOutcome(id, watch) };
    }
    const harmed = adaptation.pausedBy === null ? watch.harmedSignal(adaptation) : null;
    if (harmed === null) return null;
    const { metric: signal, eValue } = harmed;
    const row = { signal, e_value: eValue, entries: evidence.entries };
    return { name: 'pause', take: () => engine.pause(id, signal, row) };
  }

  async #rollBack(id: string, watch: AdaptationWatch, needed: number): Promise<null> {
    const { engine } = this.#options;
    const { evidence } = watch;
    const { eValueHarm, units, entries } = evidence;
    const { effect } = evidence.outcome();
    const row = { e_value: eValueHarm, needed, effect, units, entries };
    await this.#recordOutcome(id, watch);
    await engine.rollback(id, loop.name, 'harms: treated do worse than held back', row);
    this.#watches.delete(id);
    return null;
  }

  async #retest({ id, retests }: Adaptation): Promise<boolean> {
    if (retests > 0) return false;
    await this.#options.engine.retest(id, loop.name);
    return true;
  }

  /** When a tenth more is known than what is stored, so that the audit grows with the logarithm of the units. */
  async #record({ id, outcome }: Adaptation, watch: AdaptationWatch): Promise<void> {
    const stored = outcome === null ? 0 : outcome.treated.units + outcome.heldBack.units;
    const { units } = watch.evidence;
    if (units > 0 && units >= 1.1 * stored) await this.#recordOutcome(id, watch);
  }

  #recordOutcome(id: string, { evidence }: AdaptationWatch): Promise<Adaptation> {
    const { entries } = evidence;
    return this.#options.engine.recordOutcome(id, evidence.outcome(), evidence.eValueBetter, {
      entries,
    });
  }
}

interface Step {
  readonly name: FeedbackStep['step'];
  readonly take: () => Promise<Adaptation | null>;
}

/** Before the last stage more than a tenth are untreated anyway, and more would tell no sooner. */
function mayLookCloser({ trafficPercent, holdBackPercent }: Adaptation): boolean {
  return trafficPercent === 100 && holdBackPercent < CLOSER_HOLD_BACK;
}
