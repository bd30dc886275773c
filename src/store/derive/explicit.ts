import type { Attributes } from '../../model/attributes';
import type { AgentIdentity } from '../../model/span';
import type { Status } from '../../model/status';

/** What somebody said about an execution by hand; it beats what the spans say. */
export interface ExplicitExecution {
  readonly taskId?: string | undefined;
  readonly attempt?: number | undefined;
  readonly replication?: number | undefined;
  readonly agent?: Partial<AgentIdentity> | undefined;
  readonly config?: Attributes | undefined;
  readonly status?: Status | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Tags that it was made with, before it had spans: candidates may be made of them. */
  readonly tagsAtStart?: readonly string[] | undefined;
  /** Made by hand, so it stays without spans; decimal nanoseconds. */
  readonly createdAt?: string | undefined;
}

/** The same for a task. */
export interface ExplicitTask {
  readonly type?: string | undefined;
  readonly input?: string | undefined;
  readonly status?: Status | undefined;
  readonly agentId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly createdAt?: string | undefined;
}
