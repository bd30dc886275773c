import type {
  Adaptation,
  AdaptationStatus,
  ConfigurationDifference,
  ConfigurationVersion,
} from './adaptation';
import type { Pattern } from './pattern';
import type { AuditEntry } from './ports-experiments';
import type { Page, PageRequest } from './query';

/**
 * What moved the evidence of an adaptation, in the order in which it came. Units and runs stand there by fingerprints of
 * 53 bits, so that nothing has to be taken out when a person's data goes.
 */
export type EvidenceEntry =
  /** It was turned on, and what was before counts no more. */
  | { readonly kind: 'begun'; readonly atUnixNano: bigint | null }
  /** A unit, by its first run. */
  | {
      readonly kind: 'run';
      readonly unit: number;
      readonly run: number;
      readonly treated: boolean;
      readonly propensity: number;
      readonly taskType: string | null;
      /** In its own unit; `null` while there is none. */
      readonly value: number | null;
      readonly signals: Readonly<Record<string, number>>;
    }
  /** An outcome that came late, or another one than before. */
  | { readonly kind: 'outcome'; readonly run: number; readonly value: number }
  /** More units were held back: the alarm begins anew. */
  | { readonly kind: 'alarm_answered' }
  /** Somebody resumed: signals begin anew. */
  | { readonly kind: 'signals_answered'; readonly atUnixNano: bigint | null };

/** A part of that list, and up to where was read for it. */
export interface EvidencePage {
  /** Place of its first entry in the list, from 0. */
  readonly first: number;
  readonly entries: readonly EvidenceEntry[];
  readonly runCursor: number;
  readonly outcomeCursor: number;
}

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
  /** `false` where somebody else wrote an entry at that place before, and nothing is stored. */
  appendEvidence(adaptationId: string, page: EvidencePage): Promise<boolean>;
  /** In their order. */
  readEvidence(adaptationId: string): AsyncIterable<EvidencePage>;
  /** The kill switch: while off, nothing is applied anywhere. */
  setAdaptationsEnabled(enabled: boolean, audit: AuditEntry): Promise<void>;
  areAdaptationsEnabled(): Promise<boolean>;
}

export interface ConfigurationBook {
  /** An id that exists stays as it was. */
  storeConfigurationVersion(version: ConfigurationVersion): Promise<void>;
  getConfigurationVersion(id: string): Promise<ConfigurationVersion | null>;
  /** Newest first. */
  listConfigurationVersions(page?: PageRequest): Promise<Page<ConfigurationVersion>>;
  /** Id of the version in force; `null` where none was ever chosen. */
  getCurrentConfiguration(): Promise<string | null>;
  /** With its audit row, in one transaction. */
  setCurrentConfiguration(id: string, audit: AuditEntry): Promise<void>;
}

/** Versions of the configuration over the store. */
export interface ConfigurationDesk {
  /** Its version; storing the same again gives the one that is there. */
  record(
    config: ConfigurationVersion['config'],
    by: {
      readonly actor: string;
      readonly label?: string | null | undefined;
      readonly parentId?: string | null | undefined;
    },
  ): Promise<ConfigurationVersion>;
  /** By id, or its first characters. @throws NotFoundError, InputError where several begin so */
  get(id: string): Promise<ConfigurationVersion>;
  /** Newest first. */
  list(page?: PageRequest): Promise<Page<ConfigurationVersion>>;
  compare(before: string, after: string): Promise<readonly ConfigurationDifference[]>;
  /** What `restore` chose last; `null` before. */
  current(): Promise<ConfigurationVersion | null>;
  /** Makes it the version in force, which an agent reads with `current`. */
  restore(id: string, actor: string, reason: string): Promise<ConfigurationVersion>;
  /** What was in force when, by whom and why, oldest first. */
  history(): Promise<readonly AuditEntry[]>;
}

/** Who acts: a person, or the loop itself, which may only lower exposure or stop. */
export interface Actor {
  readonly name: string;
  readonly automatic: boolean;
}

export type ProposeResult =
  | { readonly kind: 'proposed'; readonly adaptation: Adaptation }
  | { readonly kind: 'refused'; readonly reason: string };

/** A step of the feedback loop, and the numbers that the stored evidence gives for it. */
export interface ReplayedStep {
  readonly audit: AuditEntry;
  readonly replayed: AuditEntry['evidence'];
  /** Each number that the audit row keeps is the same, bit for bit. */
  readonly isSame: boolean;
}

/** What can be done to adaptations over the store; each step has its audit row. */
export interface AdaptationDesk {
  /** From a pattern; refused, with the reason, unless a declared lever answers it. */
  propose(pattern: Pattern, actor?: string): Promise<ProposeResult>;
  /** @throws NotFoundError */
  get(id: string): Promise<Adaptation>;
  list(filter?: { readonly status?: AdaptationStatus }): Promise<readonly Adaptation[]>;
  approve(id: string, actor: string): Promise<Adaptation>;
  reject(id: string, actor: string, reason: string): Promise<Adaptation>;
  /** One stage up: 5, 25, 50, 100 %. */
  apply(id: string, actor: Actor): Promise<Adaptation>;
  /** Somebody looked at the signal that paused it. @throws TransitionError where none did */
  resume(id: string, actor: string, reason: string): Promise<Adaptation>;
  deactivate(id: string, actor: string, reason: string): Promise<Adaptation>;
  rollback(id: string, actor: string, reason: string): Promise<Adaptation>;
  history(id: string): Promise<readonly AuditEntry[]>;
  /** Why it was made, applied, not applied, rolled back: sentences, oldest first. */
  explain(id: string): Promise<readonly string[]>;
  /** Computes from the evidence that is stored what each step of the loop rests on, anew. */
  replay(id: string): Promise<readonly ReplayedStep[]>;
  isEnabled(): Promise<boolean>;
  /** The kill switch: off means that every `resolve`, in every process at its next refresh, gives back what came in. */
  setEnabled(enabled: boolean, actor: string, reason: string): Promise<void>;
}
