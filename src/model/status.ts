/** Of a task and of an execution. */
export type Status = 'queued' | 'running' | 'completed' | 'failed' | 'timed_out' | 'cancelled';
