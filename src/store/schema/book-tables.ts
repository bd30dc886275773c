import { defineTable } from './table';

/** What changes of an experiment is its status and its body; id and key stay. */
export const experimentTable = defineTable('experiments', {
  experiment_id: 'text',
  flag_key: 'text',
  status: 'text',
  body: 'text',
});

/** One row per experiment and unit, never changed. */
export const assignmentTable = defineTable('assignments', {
  experiment_key: 'bigint',
  unit: 'text',
  variant: 'text',
  propensities: 'text',
  bucket: 'double precision',
  assigned_at: 'bigint',
});

export const adaptationTable = defineTable('adaptations', {
  adaptation_id: 'text',
  revision: 'bigint',
  status: 'text',
  body: 'text',
});

/** Rows are only added; the database refuses anything else. */
export const auditTable = defineTable('audit', {
  subject_kind: 'text',
  subject_id: 'text',
  at: 'bigint',
  actor: 'text',
  from_status: 'text',
  to_status: 'text',
  reason: 'text',
  evidence: 'text',
});

/** What decisions rest on, in lists by subject; rows are only added. */
export const evidenceTable = defineTable('evidence', {
  subject_kind: 'text',
  subject_id: 'text',
  first: 'bigint',
  entries: 'text',
  run_cursor: 'bigint',
  outcome_cursor: 'bigint',
});

/** A version is named by its content and so never changed. */
export const configurationTable = defineTable('configuration_versions', {
  version_id: 'text',
  label: 'text',
  actor: 'text',
  created_at: 'bigint',
  parent_id: 'text',
  config: 'text',
});

/** Keys to the API; of a secret only its hash. A revoked one stays, so that the list says what was. */
export const tokenTable = defineTable('tokens', {
  id: 'text',
  secret_hash: 'text',
  name: 'text',
  scopes: 'text',
  created_at: 'bigint',
  expires_at: 'bigint',
  revoked_at: 'bigint',
});
