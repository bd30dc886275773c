import { InputError, NotFoundError } from '../errors';
import type { Assignment, AssignmentAnswer, Experiment } from '../model/experiment';
import type { Clock } from '../model/ports';
import type { ExperimentBook } from '../model/ports-experiments';
import { stickyHash } from '../stats';

export interface AssignmentDeskOptions {
  readonly book: ExperimentBook;
  readonly clock: Clock;
  /** Assignments of one process kept in memory, and waiting to be stored. @defaultValue 200,000 each */
  readonly capacity?: number | undefined;
}

/**
 * Variants from a local snapshot: no call waits for the store, and none throws because it is away. The hash
 * gives every process the same answer; where the split changed, the stored assignment wins.
 */
export class AssignmentDesk {
  readonly #book: ExperimentBook;
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #experiments = new Map<string, Experiment>();
  readonly #known = new Map<string, Assignment>();
  /** One iterator for ever: a new one would pass over all that was deleted before. */
  readonly #eldest = this.#known.keys();
  #pending: Assignment[] = [];
  #dropped = 0;

  constructor({ book, clock, capacity = 200_000 }: AssignmentDeskOptions) {
    this.#book = book;
    this.#clock = clock;
    this.#capacity = capacity;
  }

  /** Assignments that were not stored because too many waited: the hash still gives them. */
  get dropped(): number {
    return this.#dropped;
  }

  get pending(): number {
    return this.#pending.length;
  }

  /** Takes over an experiment as it is now. */
  adopt(experiment: Experiment): void {
    this.#experiments.set(experiment.id, experiment);
  }

  /** Reads all running experiments anew, and the assignments of those whose split changed. */
  async refresh(): Promise<void> {
    const experiments = await this.#book.listExperiments();
    for (const experiment of experiments) {
      const before = this.#experiments.get(experiment.id);
      if (experiment.status === 'running' && isReweighed(experiment)) {
        if (before === undefined || isSame(before, experiment))
          await this.#readStored(experiment.id);
      }
      this.#experiments.set(experiment.id, experiment);
    }
  }

  /**
   * @throws InputError for a unit that cannot be one, NotFoundError for an experiment that the snapshot
   * does not hold.
   */
  assign(experimentId: string, unit: string): AssignmentAnswer {
    requireUnit(unit);
    const experiment = this.#experimentOf(experimentId);
    const key = keyOf(experimentId, unit);
    const stored = this.#known.get(key);
    if (stored !== undefined) return answer(experiment, stored, 'stored');
    const assignment = drawVariant(experiment, unit, this.#clock.nowUnixNano());
    if (experiment.status === 'running') this.#remember(key, assignment);
    return answer(experiment, assignment, 'hash');
  }

  /** The same, asking the store first and storing before it answers. */
  async assignStored(experimentId: string, unit: string): Promise<AssignmentAnswer> {
    requireUnit(unit);
    if (!this.#experiments.has(experimentId)) await this.refresh();
    const experiment = this.#experimentOf(experimentId);
    const drawn = drawVariant(experiment, unit, this.#clock.nowUnixNano());
    if (experiment.status !== 'running') return answer(experiment, drawn, 'hash');
    const [stored = drawn] = await this.#book.storeAssignments([drawn]);
    this.#known.set(keyOf(experimentId, unit), stored);
    const isNew = stored.assignedAtUnixNano === drawn.assignedAtUnixNano;
    return answer(experiment, stored, isNew ? 'hash' : 'stored');
  }

  /** Stores what waits; what cannot be stored now waits on. Gives how many another process had decided otherwise. */
  async flush(): Promise<number> {
    const batch = this.#pending;
    this.#pending = [];
    let overruled = 0;
    for (let from = 0; from < batch.length; from += BATCH) {
      const part = batch.slice(from, from + BATCH);
      try {
        for (const stored of await this.#book.storeAssignments(part)) {
          const key = keyOf(stored.experimentId, stored.unit);
          if (this.#known.get(key)?.variant !== stored.variant) overruled += 1;
          this.#known.set(key, stored);
        }
      } catch (error) {
        this.#pending = [...batch.slice(from), ...this.#pending];
        throw error;
      }
    }
    return overruled;
  }

  async #readStored(experimentId: string): Promise<void> {
    for await (const assignment of this.#book.readAssignments(experimentId)) {
      if (this.#known.size >= this.#capacity) return;
      this.#known.set(keyOf(experimentId, assignment.unit), assignment);
    }
  }

  #remember(key: string, assignment: Assignment): void {
    if (this.#known.size >= this.#capacity) {
      const { value: oldest } = this.#eldest.next();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(key, assignment);
    if (this.#pending.length < this.#capacity) this.#pending.push(assignment);
    else this.#dropped += 1;
  }

  #experimentOf(id: string): Experiment {
    const experiment = this.#experiments.get(id);
    if (experiment !== undefined) return experiment;
    throw new NotFoundError(`experiment ${JSON.stringify(id.slice(0, 100))} is not known here.`, {
      hint: '`experiment list` names those that are; one of another process is known after refresh(), within ten seconds by itself.',
    });
  }
}

const BATCH = 1_000;
const LONGEST_UNIT = 512;

/**
 * The variant of a unit by the published hash alone (GrowthBook's v2; seed = experiment id + version): any
 * language gets the same.
 */
export function drawVariant(experiment: Experiment, unit: string, now: bigint): Assignment {
  const bucket = stickyHash(experiment.id + String(experiment.version), unit);
  let upTo = 0;
  let index = experiment.variants.length - 1;
  for (let i = 0; i < experiment.variants.length; i += 1) {
    upTo += experiment.trafficSplit[i] ?? 0;
    // Sums of decimals fall short of the bucket that they mean by some 1e-17.
    if (bucket < upTo - 1e-12) {
      index = i;
      break;
    }
  }
  // A clock that was set back does not move an assignment before the start.
  const at = now < experiment.startedAtUnixNano ? experiment.startedAtUnixNano : now;
  return {
    experimentId: experiment.id,
    unit,
    variant: experiment.variants[index]?.name ?? '',
    propensities: propensitiesOf(experiment),
    bucket,
    assignedAtUnixNano: at,
  };
}

/** One object per split, so that an assignment costs none. */
const propensitiesBySplit = new WeakMap<readonly number[], Readonly<Record<string, number>>>();

function propensitiesOf({ variants, trafficSplit }: Experiment): Readonly<Record<string, number>> {
  let propensities = propensitiesBySplit.get(trafficSplit);
  if (propensities === undefined) {
    propensities = Object.fromEntries(variants.map(({ name }, i) => [name, trafficSplit[i] ?? 0]));
    propensitiesBySplit.set(trafficSplit, propensities);
  }
  return propensities;
}

/**
 * A decided experiment answers with its winner where that is rolled out, a stopped or invalid one with its control.
 */
function answer(
  experiment: Experiment,
  assignment: Assignment,
  source: AssignmentAnswer['source'],
): AssignmentAnswer {
  const control = experiment.variants[0]?.name ?? '';
  const settled =
    experiment.status === 'running'
      ? null
      : ((experiment.rollOutWinner ? experiment.winner : null) ?? control);
  const variant = settled ?? assignment.variant;
  const config = experiment.variants.find(({ name }) => name === variant)?.config ?? {};
  return {
    ...assignment,
    variant,
    config,
    source,
    attributes: {
      'feature_flag.key': experiment.key,
      'feature_flag.result.variant': variant,
      ...(settled === null && {
        'evolution.experiment.id': experiment.id,
        'evolution.variant': variant,
      }),
    },
  };
}

function requireUnit(unit: unknown): asserts unit is string {
  if (typeof unit === 'string' && unit !== '' && unit.length <= LONGEST_UNIT) return;
  const got = typeof unit === 'string' ? `${unit.length} characters` : String(unit);
  throw new InputError(`unit must be a text of 1 to ${LONGEST_UNIT} characters, got ${got}.`, {
    hint: 'Pass the id of the task, session or user.',
  });
}

function keyOf(experimentId: string, unit: string): string {
  return `${experimentId}\n${unit}`;
}

function isReweighed({ trafficSplit, rules }: Experiment): boolean {
  return trafficSplit.some((share, i) => share !== rules.arms[i]?.share);
}

function isSame(a: Experiment, b: Experiment): boolean {
  return a.trafficSplit.every((share, i) => share === b.trafficSplit[i]);
}
