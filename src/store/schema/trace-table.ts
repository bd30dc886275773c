import type { TraceState } from '../derive/trace-state';
import { int64Text } from './json-values';
import { defineTable, type TableRow } from './table';

/** What derivation writes of a trace; its id and revision are the writer's. */
export const traceTable = defineTable('traces', {
  dirty: 'bigint',
  state: 'text',
  derive_error: 'text',
  root_name: 'text',
  start_time: 'bigint',
  end_time: 'bigint',
  spans: 'bigint',
  errors: 'bigint',
  execution_key: 'bigint',
  agent_id: 'text',
});

/** Nothing to do; membership is to be found out anew from all its spans; that failed. */
export const traceDirty = { clean: 0, whole: 2, failed: 3 } as const;

export function traceRow(
  state: TraceState | null,
  executionKey: number | null,
): TableRow<typeof traceTable.columns> {
  const end = state?.top.ended ? state.end : undefined;
  return {
    dirty: traceDirty.clean,
    state: state === null ? null : JSON.stringify(state),
    derive_error: null,
    root_name: state?.top.name ?? null,
    start_time: state === null ? null : int64Text(BigInt(state.start)),
    end_time: end === undefined ? null : int64Text(BigInt(end)),
    spans: state?.spans ?? 0,
    errors: state?.errors ?? 0,
    execution_key: executionKey,
    agent_id: state?.top.agentId ?? null,
  };
}
