import { defineTable } from './table';

/** One record per closed execution: what a learner may know of it, as it stood at closing. It is never changed. */
export const frozenTable = defineTable('frozen', {
  execution_id: 'text',
  task_id: 'text',
  agent_id: 'text',
  root_start_time: 'bigint',
  closed_at: 'bigint',
  body: 'text',
  outcome: 'text',
});

/** Which records were exposed to an experiment (or flag) or an adaptation. */
export const exposedTable = defineTable('exposed', {
  subject: 'text',
  frozen_key: 'bigint',
});
