import type { ExecutionJson, SpanJson } from '../../wire';

export interface ComparedRun {
  readonly run: ExecutionJson;
  /** Model and tool calls in order. */
  readonly steps: readonly SpanJson[];
  /** It has more spans than were read. */
  readonly more: boolean;
}
