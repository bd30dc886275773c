import type { Adaptation, AdaptationStatus, ConfigurationVersion } from './adaptation';
import type { AuditEntry } from './ports-experiments';

export interface AdaptationBook {
  createAdaptation(adaptation: Adaptation, audit: AuditEntry): Promise<void>;
  getAdaptation(id: string): Promise<Adaptation | null>;
  listAdaptations(filter?: {
    readonly status?: AdaptationStatus | undefined;
  }): Promise<readonly Adaptation[]>;
  /**
   * Replaces it if its revision is the one before `next`'s; `false` where somebody else was first, and nothing
   * is stored.
   */
  updateAdaptation(next: Adaptation, audit: AuditEntry): Promise<boolean>;
  /** Oldest first. */
  readAudit(subject: AuditEntry['subject']): Promise<readonly AuditEntry[]>;
  /** The kill switch: while off, nothing is applied anywhere. */
  setAdaptationsEnabled(enabled: boolean, audit: AuditEntry): Promise<void>;
  areAdaptationsEnabled(): Promise<boolean>;
}

export interface ConfigurationBook {
  /** An id that exists stays as it was. */
  storeConfigurationVersion(version: ConfigurationVersion): Promise<void>;
  getConfigurationVersion(id: string): Promise<ConfigurationVersion | null>;
  /** Newest first. */
  listConfigurationVersions(limit: number): Promise<readonly ConfigurationVersion[]>;
}
