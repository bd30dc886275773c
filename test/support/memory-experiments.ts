import { InputError } from '../../src/errors';
import type { Assignment, Experiment, Observation } from '../../src/model/experiment';
import type {
  AuditEntry,
  ExperimentBook,
  ExperimentFilter,
} from '../../src/model/ports-experiments';

/** An ExperimentBook in memory, for tests of the room alone; `away` makes it refuse like a store that is down. */
export class MemoryExperimentBook implements ExperimentBook {
  readonly experiments = new Map<string, Experiment>();
  readonly assignments = new Map<string, Assignment>();
  readonly audit: AuditEntry[] = [];
  readonly observations = new Map<string, readonly Observation[]>();
  away = false;

  createExperiment(experiment: Experiment, audit: AuditEntry): Promise<void> {
    return this.#answer(() => {
      if (this.experiments.has(experiment.id)) throw new InputError('the id exists');
      this.experiments.set(experiment.id, experiment);
      this.audit.push(audit);
    });
  }

  getExperiment(id: string): Promise<Experiment | null> {
    return this.#answer(() => this.experiments.get(id) ?? null);
  }

  listExperiments({ status, key }: ExperimentFilter = {}): Promise<readonly Experiment[]> {
    return this.#answer(() =>
      [...this.experiments.values()].filter(
        (one) => (status ?? one.status) === one.status && (key ?? one.key) === one.key,
      ),
    );
  }

  readAudit(subject: AuditEntry['subject']): Promise<readonly AuditEntry[]> {
    return this.#answer(() => this.audit.filter((entry) => entry.subject.id === subject.id));
  }

  updateExperiment(
    next: Experiment,
    from: Experiment['status'],
    audit: AuditEntry,
    observations?: readonly Observation[],
  ): Promise<boolean> {
    return this.#answer(() => {
      if (this.experiments.get(next.id)?.status !== from) return false;
      if (observations !== undefined) {
        const kept = observations.map((one, i) => ({ ...one, unit: String(i) }));
        this.observations.set(next.id, kept);
      }
      this.experiments.set(next.id, next);
      this.audit.push(audit);
      return true;
    });
  }

  readObservations(id: string): Promise<readonly Observation[] | null> {
    return this.#answer(() => this.observations.get(id) ?? null);
  }

  storeAssignments(assignments: readonly Assignment[]): Promise<readonly Assignment[]> {
    return this.#answer(() =>
      assignments.map((assignment) => {
        const key = `${assignment.experimentId}\n${assignment.unit}`;
        const stored = this.assignments.get(key) ?? assignment;
        this.assignments.set(key, stored);
        return stored;
      }),
    );
  }

  getAssignment(experimentId: string, unit: string): Promise<Assignment | null> {
    return this.#answer(() => this.assignments.get(`${experimentId}\n${unit}`) ?? null);
  }

  async *readAssignments(experimentId: string): AsyncIterable<Assignment> {
    await Promise.resolve();
    for (const assignment of this.assignments.values()) {
      if (assignment.experimentId === experimentId) yield assignment;
    }
  }

  #answer<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.away) reject(new Error('connect ECONNREFUSED'));
      else resolve(work());
    });
  }
}
