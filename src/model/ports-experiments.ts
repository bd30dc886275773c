import type {
  Assignment,
  AssignmentAnswer,
  Experiment,
  ExperimentAnalysis,
  ExperimentInput,
  Observation,
} from './experiment';

export interface ExperimentFilter {
  readonly status?: Experiment['status'] | undefined;
  readonly key?: string | undefined;
}

/** An audit row: each step of an experiment or adaptation, by whom, why and on what evidence. */
export interface AuditEntry {
  readonly subject: {
    readonly kind: 'experiment' | 'adaptation' | 'configuration';
    readonly id: string;
  };
  readonly atUnixNano: bigint;
  readonly actor: string;
  readonly from: string | null;
  readonly to: string;
  readonly reason: string;
  /** Numbers that the step rests on; plain JSON. */
  readonly evidence: Readonly<Record<string, number | string | boolean | null>>;
}

/** Experiments, assignments and the audit of both. */
export interface ExperimentBook {
  /**
   * Stores it with its first audit row in one transaction.
   *
   * @throws InputError for an id that exists, or a key under which another one is running
   */
  createExperiment(experiment: Experiment, audit: AuditEntry): Promise<void>;
  getExperiment(id: string): Promise<Experiment | null>;
  listExperiments(filter?: ExperimentFilter): Promise<readonly Experiment[]>;
  /**
   * Replaces it if its status still is `from`; `false` where somebody else was first, and nothing is stored.
   * With a decision comes what it rests on, which stays as it is.
   */
  updateExperiment(
    experiment: Experiment,
    from: Experiment['status'],
    audit: AuditEntry,
    observations?: readonly Observation[],
  ): Promise<boolean>;
  /** What its decision rests on, in order, units by their place in it; `null` where none has fallen. */
  readObservations(experimentId: string): Promise<readonly Observation[] | null>;
  /** First one wins, per experiment and unit; gives back what is stored now, in the order of the request. */
  storeAssignments(assignments: readonly Assignment[]): Promise<readonly Assignment[]>;
  getAssignment(experimentId: string, unit: string): Promise<Assignment | null>;
  /** In the order they were stored, those of one call by unit; for a snapshot. */
  readAssignments(experimentId: string): AsyncIterable<Assignment>;
  /** Oldest first. */
  readAudit(subject: AuditEntry['subject']): Promise<readonly AuditEntry[]>;
}

/** What can be done to experiments over the store. */
export interface ExperimentDesk {
  /** Starts at once. @throws ConfigError for an experiment that cannot be one. */
  create(input: ExperimentInput, actor?: string): Promise<Experiment>;
  /** @throws NotFoundError */
  get(id: string): Promise<Experiment>;
  list(filter?: ExperimentFilter): Promise<readonly Experiment[]>;
  /** The variant of a unit, stored before it answers; for callers that have no snapshot. */
  assignStored(experimentId: string, unit: string): Promise<AssignmentAnswer>;
  /** What is known by now; a decision that falls is stored, with its evidence. */
  analyze(id: string): Promise<ExperimentAnalysis>;
  /**
   * Gives everybody the winner that waits: nobody asked for it at the start, or a signal held it back.
   *
   * @throws TransitionError where none waits
   */
  rollOut(id: string, reason: string, actor?: string): Promise<Experiment>;
  stop(id: string, reason: string, actor?: string): Promise<Experiment>;
  /** Each step, oldest first. */
  history(id: string): Promise<readonly AuditEntry[]>;
}
