import type { Attributes } from '../../model/attributes';
import type { Sampling } from '../../model/sampling';
import type { AgentIdentity, Exposure } from '../../model/span';
import type { Status } from '../../model/status';

/** What the columns of a span do not say about its meaning; only what is known is there. */
export interface StoredMeaning {
  readonly taskId?: string;
  readonly executionId?: string;
  readonly taskType?: string;
  readonly taskGroup?: string;
  readonly attempt?: number;
  readonly replication?: number;
  readonly sessionId?: string;
  readonly agent?: Omit<AgentIdentity, 'id'>;
  readonly config?: Attributes;
  readonly propensities?: Readonly<Record<string, number>>;
  readonly success?: boolean;
  readonly status?: Status;
  readonly attemptsUnknown?: true;
  readonly timeSynthetic?: true;
  readonly taskInput?: string;
  readonly requestor?: string;
  readonly exposures?: readonly Exposure[];
  readonly sampling?: Sampling;
}
