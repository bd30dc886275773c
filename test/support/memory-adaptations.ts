import type { Adaptation, AdaptationStatus } from '../../src/model/adaptation';
import type { AdaptationBook, EvidencePage } from '../../src/model/ports-adaptation';
import type { AuditEntry } from '../../src/model/ports-experiments';

/** An AdaptationBook in memory, for tests of the room alone; `away` makes it refuse like a store that is down. */
export class MemoryAdaptationBook implements AdaptationBook {
  readonly adaptations = new Map<string, Adaptation>();
  readonly audit: AuditEntry[] = [];
  readonly evidence: (EvidencePage & { readonly id: string })[] = [];
  enabled = true;
  away = false;

  createAdaptation(adaptation: Adaptation, audit: AuditEntry): Promise<void> {
    return this.#answer(() => {
      this.adaptations.set(adaptation.id, adaptation);
      this.audit.push(audit);
    });
  }

  getAdaptation(id: string): Promise<Adaptation | null> {
    return this.#answer(() => this.adaptations.get(id) ?? null);
  }

  listAdaptations({ status }: { status?: AdaptationStatus } = {}): Promise<readonly Adaptation[]> {
    return this.#answer(() =>
      [...this.adaptations.values()].filter((one) => (status ?? one.status) === one.status),
    );
  }

  updateAdaptation(next: Adaptation, audit: AuditEntry): Promise<boolean> {
    return this.#answer(() => {
      if (this.adaptations.get(next.id)?.revision !== next.revision - 1) return false;
      this.adaptations.set(next.id, next);
      this.audit.push(audit);
      return true;
    });
  }

  readAudit(subject: AuditEntry['subject']): Promise<readonly AuditEntry[]> {
    return this.#answer(() => this.audit.filter((entry) => entry.subject.id === subject.id));
  }

  appendEvidence(id: string, page: EvidencePage): Promise<boolean> {
    return this.#answer(() => {
      if (this.evidence.some((one) => one.id === id && one.first === page.first)) return false;
      this.evidence.push({ ...page, id });
      return true;
    });
  }

  async *readEvidence(id: string): AsyncIterable<EvidencePage> {
    yield* await this.#answer(() => this.evidence.filter((one) => one.id === id));
  }

  setAdaptationsEnabled(enabled: boolean, audit: AuditEntry): Promise<void> {
    return this.#answer(() => {
      this.enabled = enabled;
      this.audit.push(audit);
    });
  }

  areAdaptationsEnabled(): Promise<boolean> {
    return this.#answer(() => this.enabled);
  }

  #answer<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.away) reject(new Error('connect ECONNREFUSED'));
      else resolve(work());
    });
  }
}
