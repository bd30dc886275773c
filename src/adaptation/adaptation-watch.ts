import { metricOf } from '../experiments';
import { isSpent, type Adaptation } from '../model/adaptation';
import type { ClosedExecution } from '../model/learning';
import type { AdaptationBook, EvidenceEntry } from '../model/ports-adaptation';
import { fnv1a32 } from '../stats';
import { AdaptationEvidence } from './adaptation-evidence';
import { treatmentPropensity } from './resolve';

/**
 * The units of one adaptation since it was last turned on, as they come: what moves its evidence is written to the list of
 * it before anything is done about it, so that every step follows from what is stored.
 */
export class AdaptationWatch {
  /** `startedAtUnixNano` of the adaptation when this began. */
  readonly startedAtUnixNano: bigint | null;
  /** Of the runs that were read. */
  cursor = 0;
  /** Up to where changed outcomes were read when it was last stored; `null` where it was not. */
  outcomeCursor: number | null = null;
  readonly evidence: AdaptationEvidence;
  readonly #id: string;
  readonly #dimension: string;
  readonly #book: AdaptationBook;
  #waiting: EvidenceEntry[] = [];

  private constructor(adaptation: Adaptation, book: AdaptationBook) {
    this.startedAtUnixNano = adaptation.startedAtUnixNano;
    this.evidence = new AdaptationEvidence(adaptation);
    this.#id = adaptation.id;
    this.#dimension = adaptation.dimension;
    this.#book = book;
  }

  /** Goes on where the list ends, whichever process wrote it. */
  static async open(adaptation: Adaptation, book: AdaptationBook): Promise<AdaptationWatch> {
    const watch = new AdaptationWatch(adaptation, book);
    const { evidence } = watch;
    for await (const { entries, runCursor, outcomeCursor } of book.readEvidence(adaptation.id)) {
      for (const entry of entries) evidence.apply(entry);
      watch.cursor = runCursor;
      watch.outcomeCursor = outcomeCursor;
    }
    if (evidence.begunAt !== adaptation.startedAtUnixNano) {
      watch.#take({ kind: 'begun', atUnixNano: adaptation.startedAtUnixNano });
      watch.cursor = 0;
      watch.outcomeCursor = null;
    }
    return watch;
  }

  /** @returns whether the evidence moved */
  add(execution: ClosedExecution, treated: boolean, adaptation: Adaptation): boolean {
    const unit = fingerprint(unitOf(execution));
    if (this.evidence.knows(unit) || execution.attempt > 1) return false;
    const propensity = propensityOf(execution, adaptation);
    if (!(propensity > 0 && propensity < 1)) return false;
    this.#answerSignals(adaptation);
    return this.#take({
      kind: 'run',
      ...{ unit, treated, propensity },
      run: fingerprint(execution.id),
      taskType: execution.taskType,
      value: isSpent(this.#dimension) ? this.#spentBy(execution) : this.#valueOf(execution.outcome),
      signals: this.#signalsOf(execution, adaptation),
    });
  }

  /** An outcome that came late or was revised; runs that are not watched are passed over. */
  revise(executionId: string, outcome: ClosedExecution['outcome']): boolean {
    // What a run spent is known when it closes.
    if (isSpent(this.#dimension)) return false;
    const run = fingerprint(executionId);
    const [before, value] = [this.evidence.valueOf(run), this.#valueOf(outcome)];
    if (before === undefined || value === null || value === before) return false;
    return this.#take({ kind: 'outcome', run, value });
  }

  /** Somebody who resumed it has looked: what asked before does not ask again. */
  harmedSignal(adaptation: Adaptation): ReturnType<AdaptationEvidence['harmedSignal']> {
    this.#answerSignals(adaptation);
    return this.evidence.harmedSignal();
  }

  restartAlarm(): void {
    this.#take({ kind: 'alarm_answered' });
  }

  /** @returns `false` where another process went on with the list meanwhile: this one no longer knows all of it. */
  async store(outcomeCursor: number): Promise<boolean> {
    const entries = this.#waiting;
    if (entries.length === 0) return true;
    const first = this.evidence.entries - entries.length;
    const page = { first, entries, runCursor: this.cursor, outcomeCursor };
    if (!(await this.#book.appendEvidence(this.#id, page))) return false;
    this.#waiting = [];
    return true;
  }

  #take(entry: EvidenceEntry): boolean {
    this.#waiting.push(entry);
    return this.evidence.apply(entry);
  }

  #answerSignals({ resumedAtUnixNano }: Adaptation): void {
    if (this.evidence.signalsSince === resumedAtUnixNano) return;
    this.#take({ kind: 'signals_answered', atUnixNano: resumedAtUnixNano });
  }

  /** Measured as the run closes: what is missing then is not waited for. */
  #signalsOf(
    execution: ClosedExecution,
    { signals, resumedAtUnixNano }: Adaptation,
  ): Readonly<Record<string, number>> {
    if (execution.rootStartTimeUnixNano <= (resumedAtUnixNano ?? -1n)) return {};
    return Object.fromEntries(
      signals.flatMap(({ metric }) => {
        const value = metricOf(execution, metric);
        return value === null ? [] : [[metric, value] as const];
      }),
    );
  }

  #spentBy({ costUsd, durationNano }: ClosedExecution): number | null {
    if (this.#dimension === 'cost_usd') return costUsd;
    return durationNano === null ? null : Number(durationNano) / 1e6;
  }

  #valueOf(outcome: ClosedExecution['outcome']): number | null {
    return Object.hasOwn(outcome, this.#dimension) ? (outcome[this.#dimension] ?? null) : null;
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

/** 53 bits of two hashes: among a million ids two are alike in one of 18,000 lists. */
function fingerprint(text: string): number {
  return fnv1a32(text) * 2 ** 21 + (fnv1a32(`~${text}`) >>> 11);
}
