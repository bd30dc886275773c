import { GuardrailWatch } from '../experiments';
import { isSpent, type Adaptation, type AdaptationOutcome } from '../model/adaptation';
import type { EvidenceEntry } from '../model/ports-adaptation';
import {
  addValue,
  AssignmentEvidence,
  emptyMoments,
  HarmWatch,
  LogHistogram,
  welchTest,
  type Moments,
} from '../stats';

/** Units kept by their fingerprint: to know one that comes again, to wait for its outcome, to take a revised one over. */
const MOST_UNITS = 100_000;

/** What is measured, which stays for the life of an adaptation. */
export type Measured = Pick<Adaptation, 'dimension' | 'signals'>;

interface Unit {
  readonly run: number;
  readonly treated: boolean;
  readonly propensity: number;
  readonly taskType: string | null;
  /** `null` while there is none. */
  value: number | null;
}

type Run = Extract<EvidenceEntry, { kind: 'run' }>;

/**
 * What a list of entries says, and nothing else: the same list gives the same numbers, bit for bit.
 *
 * A unit counts once, by its first run, when its outcome
 * arrives: the score (A - p)(y - m) is centred, so that outcomes which take longer in one arm move it in the second
 * order only, and nobody behind a missing one has to wait. An outcome that is revised afterwards changes what is
 * shown and not the evidence, which has seen it.
 */
export class AdaptationEvidence {
  readonly #measured: Measured;
  readonly #isSpent: boolean;
  #entries = 0;
  #begunAt: bigint | null | undefined;
  #signalsSince: bigint | null = null;
  #life = new Life();
  #signals: readonly { readonly metric: string; readonly watch: GuardrailWatch }[] = [];

  constructor(measured: Measured) {
    this.#measured = measured;
    this.#isSpent = isSpent(measured.dimension);
  }

  /** @returns whether the evidence moved */
  apply(entry: EvidenceEntry): boolean {
    this.#entries += 1;
    switch (entry.kind) {
      case 'begun':
        this.#begunAt = entry.atUnixNano;
        this.#life = new Life();
        this.#restartSignals(null);
        return false;
      case 'run':
        return this.#run(entry);
      case 'outcome': {
        const unit = this.#life.unitOfRun(entry.run);
        return unit !== undefined && this.#arrive(unit, entry.value);
      }
      case 'alarm_answered':
        this.#life.harm.restartAlarm();
        return false;
      case 'signals_answered':
        this.#restartSignals(entry.atUnixNano);
        return false;
    }
  }

  /** How many were applied. */
  get entries(): number {
    return this.#entries;
  }

  /** `undefined` before it began. */
  get begunAt(): bigint | null | undefined {
    return this.#begunAt;
  }

  get signalsSince(): bigint | null {
    return this.#signalsSince;
  }

  /** With an outcome. */
  get units(): number {
    return this.#life.harm.units;
  }

  get alarm(): number {
    return this.#life.harm.alarm;
  }

  get eValueHarm(): number {
    return this.#life.harm.eValue;
  }

  get eValueBetter(): number {
    return Math.exp(this.#life.better.maxLogEBetter);
  }

  knows(unit: number): boolean {
    return this.#life.units.has(unit);
  }

  /** `undefined` for a run that is not watched, `null` while it has no outcome. */
  valueOf(run: number): number | null | undefined {
    return this.#life.unitOfRun(run)?.value;
  }

  /** A signal that is proven to have got worse by more than its margin. */
  harmedSignal(): { readonly metric: string; readonly eValue: number } | null {
    const found = this.#signals.find(({ watch }) => watch.isHarmed());
    if (found === undefined) return null;
    return { metric: found.metric, eValue: found.watch.evidence(0).eValueHarm };
  }

  outcome(): AdaptationOutcome {
    const [treated, heldBack] = this.#life.means();
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

  #run({ unit, run, treated, propensity, taskType, value, signals }: Run): boolean {
    const own: Unit = { run, treated, propensity, taskType, value: null };
    this.#life.add(unit, own);
    let moved = false;
    for (const { metric, watch } of this.#signals) {
      const measure = Object.hasOwn(signals, metric) ? signals[metric] : undefined;
      if (measure === undefined) continue;
      watch.add(treated, propensity, measure, taskType);
      moved = true;
    }
    return (value !== null && this.#arrive(own, value)) || moved;
  }

  #arrive(unit: Unit, value: number): boolean {
    const isFirst = unit.value === null;
    unit.value = value;
    if (!isFirst) return false;
    const { harm, better } = this.#life;
    const score = this.#isSpent ? this.#life.thrift(value) : value;
    harm.add(unit.treated, unit.propensity, score, unit.taskType);
    better.add(unit.treated, unit.propensity, score, unit.taskType);
    return true;
  }

  #restartSignals(since: bigint | null): void {
    const { signals } = this.#measured;
    this.#signalsSince = since;
    this.#signals = signals.map((signal) => ({
      metric: signal.metric,
      watch: new GuardrailWatch(signal, 20 * signals.length),
    }));
  }
}

/** Since an adaptation was last turned on. */
class Life {
  readonly harm = new HarmWatch();
  readonly better = new AssignmentEvidence();
  readonly units = new Map<number, Unit>();
  readonly #unitOf = new Map<number, number>();
  readonly #earlier = new LogHistogram();
  /** One iterator for ever: a new one would pass over all that was deleted before. */
  readonly #eldest = this.units.entries();
  #treated: Moments = emptyMoments();
  #heldBack: Moments = emptyMoments();

  add(id: number, unit: Unit): void {
    this.#forgetOldest();
    this.units.set(id, unit);
    this.#unitOf.set(unit.run, id);
  }

  unitOfRun(run: number): Unit | undefined {
    const id = this.#unitOf.get(run);
    return id === undefined ? undefined : this.units.get(id);
  }

  /** In [0, 1] whatever the tail: the share of earlier units that spent more. */
  thrift(value: number): number {
    const positive = Math.max(1e-9, value);
    const score = 1 - this.#earlier.midRank(positive);
    this.#earlier.add(positive);
    return score;
  }

  means(): readonly [treated: Moments, heldBack: Moments] {
    let [treated, heldBack] = [this.#treated, this.#heldBack];
    for (const unit of this.units.values()) {
      if (unit.value === null) continue;
      if (unit.treated) treated = addValue(treated, unit.value);
      else heldBack = addValue(heldBack, unit.value);
    }
    return [treated, heldBack];
  }

  /** What is forgotten stays in the means. */
  #forgetOldest(): void {
    if (this.units.size < MOST_UNITS) return;
    const { value: oldest } = this.#eldest.next();
    if (oldest === undefined) return;
    const [id, { run, treated, value }] = oldest;
    this.units.delete(id);
    this.#unitOf.delete(run);
    if (value === null) return;
    if (treated) this.#treated = addValue(this.#treated, value);
    else this.#heldBack = addValue(this.#heldBack, value);
  }
}
