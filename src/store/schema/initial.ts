import type { Dialect } from '../database/dialect';
import { totalsSchema } from './totals';

/** Tables of version 1. Times are nanoseconds, flags 0 or 1, JSON is text as it was written. */
export function initialSchema(d: Dialect): readonly string[] {
  return [
    ...spanTables(d),
    ...taskTables(d),
    ...closedTables(d),
    ...judgementTables(d),
    ...learningTables(d),
    ...bookTables(d),
    ...appendOnly(d),
    ...totalsSchema(d),
  ];
}

/**
 * Text, not JSONB: JSONB reorders keys and rewrites numbers, and attributes come back as they were.
 * Spans are keyed by arrival and traces by first arrival, so every index on `spans` grows at its end
 * (random trace ids touch only the small index of `traces`).
 */
function spanTables(d: Dialect): readonly string[] {
  return [
    `CREATE TABLE resources (key ${d.identity}, hash ${d.text} NOT NULL UNIQUE, body ${d.text} NOT NULL)`,
    `CREATE TABLE scopes (key ${d.identity}, hash ${d.text} NOT NULL UNIQUE, body ${d.text} NOT NULL)`,
    // `state` is what derivation merges into; dirty: see `traceDirty`.
    `CREATE TABLE traces (key ${d.identity}, trace_id ${d.text} NOT NULL UNIQUE,
      revision ${d.int64} NOT NULL, dirty ${d.int64} NOT NULL, state ${d.text}, derive_error ${d.text},
      root_name ${d.text}, start_time ${d.int64}, end_time ${d.int64},
      spans ${d.int64} NOT NULL DEFAULT 0, errors ${d.int64} NOT NULL DEFAULT 0,
      execution_key ${d.int64}, agent_id ${d.text})`,
    `CREATE INDEX traces_dirty ON traces (dirty, key) WHERE dirty > 0`,
    // The list of traces, newest first.
    `CREATE INDEX traces_start ON traces (start_time, key)`,
    `CREATE TABLE spans (key ${d.identity}, trace_key ${d.int64} NOT NULL, span_id ${d.text} NOT NULL,
      parent_span_id ${d.text}, name ${d.text} NOT NULL, kind ${d.int64} NOT NULL, flags ${d.int64} NOT NULL,
      start_time ${d.int64} NOT NULL, end_time ${d.int64}, status_code ${d.int64} NOT NULL,
      role ${d.text} NOT NULL, carrier ${d.int64} NOT NULL, agent_id ${d.text}, model ${d.text}, tool ${d.text},
      input_tokens ${d.float64}, output_tokens ${d.float64}, cost_usd ${d.float64},
      error_type ${d.text}, tool_arguments_hash ${d.text}, sent_hash ${d.text},
      received_at ${d.int64} NOT NULL, resource_key ${d.int64} NOT NULL, scope_key ${d.int64} NOT NULL,
      meaning_version ${d.int64} NOT NULL, execution_key ${d.int64}, attributes ${d.text} NOT NULL, meaning ${d.text}, rest ${d.text},
      UNIQUE (trace_key, span_id))`,
    // One trace is read through UNIQUE (trace_key, span_id); these two are the only other indexes:
    // spans by time range, and the spans of an execution in order.
    `CREATE INDEX spans_start ON spans (start_time)`,
    `CREATE INDEX spans_execution ON spans (execution_key, start_time)`,
    `CREATE TABLE operations (service ${d.text} NOT NULL, name ${d.text} NOT NULL, kind ${d.int64} NOT NULL,
      seen_day ${d.int64} NOT NULL, PRIMARY KEY (service, name, kind))`,
    `CREATE TABLE tags (key ${d.identity}, tag ${d.text} NOT NULL UNIQUE)`,
    // link_key is 0 for a span's own tags, -1 for those given by hand, else the link that brought the tag.
    `CREATE TABLE span_tags (trace_key ${d.int64} NOT NULL, span_id ${d.text} NOT NULL,
      tag_key ${d.int64} NOT NULL, link_key ${d.int64} NOT NULL,
      PRIMARY KEY (trace_key, span_id, tag_key, link_key))`,
    `CREATE INDEX span_tags_tag ON span_tags (tag_key, trace_key, span_id)`,
  ];
}

function taskTables(d: Dialect): readonly string[] {
  return [
    `CREATE TABLE tasks (key ${d.identity}, task_id ${d.text} NOT NULL UNIQUE, explicit ${d.text}, state ${d.text},
      type ${d.text}, input ${d.text}, status ${d.text} NOT NULL, agent_id ${d.text}, session_id ${d.text},
      created_at ${d.int64} NOT NULL, completed_at ${d.int64}, executions ${d.int64} NOT NULL,
      tags ${d.text} NOT NULL, reward_mean ${d.float64}, reward_executions ${d.int64} NOT NULL,
      latest_execution ${d.text})`,
    `CREATE INDEX tasks_created ON tasks (created_at, key)`,
    `CREATE INDEX tasks_session ON tasks (session_id) WHERE session_id IS NOT NULL`,
    `CREATE TABLE executions (key ${d.identity}, execution_id ${d.text} NOT NULL UNIQUE,
      task_key ${d.int64} NOT NULL, dirty ${d.int64} NOT NULL, revision ${d.int64} NOT NULL,
      explicit ${d.text}, state ${d.text},
      attempt ${d.int64} NOT NULL, replication ${d.int64} NOT NULL, agent_id ${d.text}, agent_name ${d.text},
      agent_version ${d.text}, agent_type ${d.text}, session_id ${d.text}, task_type ${d.text},
      task_input ${d.text}, model ${d.text}, config ${d.text}, sampling ${d.text}, exposures ${d.text}, status ${d.text} NOT NULL, root_trace_id ${d.text},
      root_span_id ${d.text}, root_start_time ${d.int64} NOT NULL, root_ended ${d.int64} NOT NULL,
      start_time ${d.int64} NOT NULL, end_time ${d.int64}, duration ${d.int64},
      last_received_at ${d.int64} NOT NULL, spans ${d.int64} NOT NULL, llm_calls ${d.int64} NOT NULL,
      tool_calls ${d.int64} NOT NULL, errors ${d.int64} NOT NULL, input_tokens ${d.float64},
      output_tokens ${d.float64}, cost_usd ${d.float64}, said_status ${d.text},
      rewards ${d.text} NOT NULL, reward ${d.float64}, success ${d.int64}, tags ${d.text} NOT NULL,
      flags ${d.text} NOT NULL, closed_at ${d.int64}, pruned ${d.int64} NOT NULL DEFAULT 0)`,
    // In the order of runs and in that of time, so that the first, the latest and the earliest of a task, and the first that
    // says its type or input, are found without the others.
    `CREATE INDEX executions_task ON executions (task_key, attempt, replication, start_time)`,
    `CREATE INDEX executions_task_start ON executions (task_key, start_time, key)`,
    ...['type', 'input'].map(
      (word) =>
        `CREATE INDEX executions_task_${word} ON executions (task_key, attempt, replication, start_time) ` +
        `WHERE task_${word} IS NOT NULL`,
    ),
    // With what percentiles over time are made of, so that they read no row.
    `CREATE INDEX executions_start ON executions (start_time, key, duration)`,
    `CREATE INDEX executions_agent ON executions (agent_id, start_time)`,
    `CREATE INDEX executions_session ON executions (session_id, start_time) WHERE session_id IS NOT NULL`,
    // Few runs are exposed to something: a filter by it reads these only.
    `CREATE INDEX executions_exposed ON executions (start_time, key) WHERE exposures IS NOT NULL`,
    `CREATE INDEX executions_dirty ON executions (dirty, key) WHERE dirty > 0`,
    `CREATE INDEX executions_open ON executions (last_received_at) WHERE closed_at IS NULL`,
  ];
}

/** What is known of runs that are over, and of hours. */
function closedTables(d: Dialect): readonly string[] {
  return [
    `CREATE TABLE frozen (key ${d.identity}, execution_id ${d.text} NOT NULL UNIQUE, task_id ${d.text} NOT NULL,
      agent_id ${d.text}, root_start_time ${d.int64} NOT NULL, closed_at ${d.int64} NOT NULL, cut ${d.int64},
      body ${d.text} NOT NULL, outcome ${d.text} NOT NULL)`,
    `CREATE INDEX frozen_root_start ON frozen (root_start_time, execution_id)`,
    `CREATE INDEX frozen_unadmitted ON frozen (key) WHERE cut IS NULL`,
    `CREATE INDEX frozen_judged ON frozen (key) WHERE outcome <> '{}'`,
    // By what they were exposed to: an analysis reads the runs of its experiment and no other.
    `CREATE TABLE exposed (subject ${d.text} NOT NULL, frozen_key ${d.int64} NOT NULL, PRIMARY KEY (subject, frozen_key))`,
    `CREATE INDEX exposed_frozen ON exposed (frozen_key)`,
    `CREATE TABLE outcome_changes (key ${d.identity}, execution_id ${d.text} NOT NULL)`,
    `CREATE INDEX outcome_changes_execution ON outcome_changes (execution_id)`,
    `CREATE TABLE rollups (hour ${d.int64} NOT NULL, agent_id ${d.text} NOT NULL, task_type ${d.text} NOT NULL,
      model ${d.text} NOT NULL, slot ${d.int64} NOT NULL, executions ${d.int64} NOT NULL, failed ${d.int64} NOT NULL,
      judged ${d.int64} NOT NULL, successes ${d.int64} NOT NULL, rewards ${d.int64} NOT NULL,
      reward_sum ${d.int64} NOT NULL, errors ${d.int64} NOT NULL, input_tokens ${d.int64} NOT NULL,
      output_tokens ${d.int64} NOT NULL, cost_pico ${d.int64} NOT NULL, durations ${d.int64} NOT NULL,
      duration_sum ${d.int64} NOT NULL, PRIMARY KEY (hour, agent_id, task_type, model, slot))`,
    `CREATE INDEX rollups_agent ON rollups (agent_id, hour)`,
    `CREATE TABLE cuts (number ${d.int64} PRIMARY KEY, at ${d.int64} NOT NULL, executions ${d.int64} NOT NULL)`,
  ];
}

function judgementTables(d: Dialect): readonly string[] {
  return [
    `CREATE TABLE rewards (key ${d.identity}, reward_id ${d.text} NOT NULL UNIQUE,
      target_kind ${d.text} NOT NULL, target_id ${d.text}, target_span_id ${d.text}, execution_key ${d.int64},
      name ${d.text} NOT NULL, source ${d.text} NOT NULL, timestamp ${d.int64} NOT NULL,
      supersedes ${d.text}, body ${d.text} NOT NULL)`,
    // The latest of a target and source first, and of a span by its address; those of an execution's spans by its key.
    `CREATE INDEX rewards_target ON rewards (target_id, target_span_id, source, timestamp)`,
    `CREATE INDEX rewards_execution ON rewards (execution_key, source, timestamp) WHERE execution_key IS NOT NULL`,
    `CREATE INDEX rewards_supersedes ON rewards (supersedes) WHERE supersedes IS NOT NULL`,
    `CREATE INDEX rewards_timestamp ON rewards (timestamp, key)`,
    // Ids of the target, not its key: it may come later.
    `CREATE TABLE span_links (key ${d.identity}, trace_id ${d.text} NOT NULL, span_id ${d.text} NOT NULL,
      hash ${d.text} NOT NULL, type ${d.text} NOT NULL, linked_trace_id ${d.text}, linked_span_id ${d.text},
      body ${d.text} NOT NULL, UNIQUE (trace_id, span_id, hash))`,
    `CREATE INDEX span_links_target ON span_links (linked_trace_id, linked_span_id)`,
    // Attribute keys that some link or reward asked for, and where they occur: only these are indexed.
    // Times in ms; one that is let go has no name; see `ingest/match-keys.ts`.
    `CREATE TABLE match_keys (key ${d.identity}, name ${d.text} UNIQUE, admitted_at ${d.int64} NOT NULL,
      claimed_at ${d.int64} NOT NULL, phase ${d.int64} NOT NULL, done_to ${d.int64} NOT NULL, last_span ${d.int64} NOT NULL)`,
    `CREATE TABLE span_matches (match_key ${d.int64} NOT NULL, value_hash ${d.text} NOT NULL,
      start_time ${d.int64} NOT NULL, trace_key ${d.int64} NOT NULL, span_id ${d.text} NOT NULL,
      PRIMARY KEY (match_key, value_hash, start_time, trace_key, span_id))`,
    `CREATE INDEX span_matches_span ON span_matches (trace_key, span_id)`,
    `CREATE TABLE claims (key ${d.identity}, match_key ${d.int64} NOT NULL, value_hash ${d.text} NOT NULL,
      kind ${d.text} NOT NULL, owner_key ${d.int64} NOT NULL, matches ${d.text} NOT NULL)`,
    `CREATE INDEX claims_match ON claims (match_key, value_hash)`,
    `CREATE INDEX claims_key ON claims (match_key, key)`,
    `CREATE INDEX claims_owner ON claims (owner_key, kind)`,
  ];
}

function learningTables(d: Dialect): readonly string[] {
  return [
    `CREATE TABLE patterns (id ${d.text} PRIMARY KEY, type ${d.text} NOT NULL, status ${d.text} NOT NULL,
      confidence ${d.float64} NOT NULL, dimension ${d.text} NOT NULL, subjects ${d.text} NOT NULL,
      last_tested ${d.int64} NOT NULL, body ${d.text} NOT NULL)`,
    `CREATE INDEX patterns_confidence ON patterns (confidence, id)`,
    `CREATE TABLE looks (number ${d.int64} PRIMARY KEY, body ${d.text} NOT NULL)`,
    // identity: of a test between looks, which is run once whoever learns.
    `CREATE TABLE ledger (key ${d.identity}, identity ${d.text} UNIQUE, pattern_id ${d.text} NOT NULL,
      body ${d.text} NOT NULL)`,
    `CREATE INDEX ledger_pattern ON ledger (pattern_id, key)`,
    // What people made of a pattern: beside it, so that learning again changes nothing of it.
    `CREATE TABLE pattern_lives (pattern_id ${d.text} PRIMARY KEY, state ${d.text} NOT NULL, body ${d.text} NOT NULL)`,
    `CREATE TABLE agent_versions (agent_id ${d.text} NOT NULL, version ${d.text} NOT NULL,
      first_start ${d.int64} NOT NULL, PRIMARY KEY (agent_id, version))`,
    `CREATE INDEX agent_versions_start ON agent_versions (first_start)`,
    `CREATE TABLE quarantine (key ${d.identity}, received_at ${d.int64} NOT NULL, part ${d.text} NOT NULL,
      reason ${d.text} NOT NULL, body ${d.text} NOT NULL)`,
    `CREATE TABLE tokens (id ${d.text} PRIMARY KEY, secret_hash ${d.text} NOT NULL, name ${d.text},
      scopes ${d.text} NOT NULL, created_at ${d.int64} NOT NULL, expires_at ${d.int64}, revoked_at ${d.int64})`,
    `CREATE TABLE settings (name ${d.text} PRIMARY KEY, value ${d.text} NOT NULL)`,
    `CREATE TABLE leases (name ${d.text} PRIMARY KEY, holder ${d.text}, beat ${d.int64} NOT NULL)`,
  ];
}

function bookTables(d: Dialect): readonly string[] {
  return [
    `CREATE TABLE experiments (key ${d.identity}, experiment_id ${d.text} NOT NULL UNIQUE,
      flag_key ${d.text} NOT NULL, status ${d.text} NOT NULL, body ${d.text} NOT NULL)`,
    // Two that run under one key would draw the same units twice.
    `CREATE UNIQUE INDEX experiments_running ON experiments (flag_key) WHERE status = 'running'`,
    `CREATE TABLE assignments (key ${d.identity}, experiment_key ${d.int64} NOT NULL, unit ${d.text} NOT NULL,
      variant ${d.text} NOT NULL, propensities ${d.text} NOT NULL, bucket ${d.float64} NOT NULL,
      assigned_at ${d.int64} NOT NULL, UNIQUE (experiment_key, unit))`,
    `CREATE INDEX assignments_order ON assignments (experiment_key, key)`,
    `CREATE TABLE adaptations (key ${d.identity}, adaptation_id ${d.text} NOT NULL UNIQUE,
      revision ${d.int64} NOT NULL, status ${d.text} NOT NULL, body ${d.text} NOT NULL)`,
    `CREATE INDEX adaptations_status ON adaptations (status, key)`,
    `CREATE TABLE audit (key ${d.identity}, subject_kind ${d.text} NOT NULL, subject_id ${d.text} NOT NULL,
      at ${d.int64} NOT NULL, actor ${d.text} NOT NULL, from_status ${d.text}, to_status ${d.text} NOT NULL,
      reason ${d.text} NOT NULL, evidence ${d.text} NOT NULL)`,
    `CREATE INDEX audit_subject ON audit (subject_kind, subject_id, key)`,
    `CREATE TABLE evidence (key ${d.identity}, subject_kind ${d.text} NOT NULL, subject_id ${d.text} NOT NULL,
      first ${d.int64} NOT NULL, entries ${d.text} NOT NULL, run_cursor ${d.int64} NOT NULL,
      outcome_cursor ${d.int64} NOT NULL, UNIQUE (subject_kind, subject_id, first))`,
    `CREATE TABLE configuration_versions (key ${d.identity}, version_id ${d.text} NOT NULL UNIQUE,
      label ${d.text}, actor ${d.text} NOT NULL, created_at ${d.int64} NOT NULL, parent_id ${d.text},
      config ${d.text} NOT NULL)`,
  ];
}

/** Rows of the audit, and what they rest on, are neither changed nor removed, whoever asks. */
function appendOnly({ name }: Dialect): readonly string[] {
  return ['audit', 'evidence'].flatMap((table) => {
    const message = `${table} rows are append-only`;
    if (name === 'sqlite') {
      return ['UPDATE', 'DELETE'].map(
        (change) =>
          `CREATE TRIGGER ${table}_${change.toLowerCase()} BEFORE ${change} ON ${table} ` +
          `BEGIN SELECT RAISE(ABORT, '${message}'); END`,
      );
    }
    return [
      `CREATE FUNCTION ${table}_append_only() RETURNS trigger LANGUAGE plpgsql AS ` +
        `$$ BEGIN RAISE EXCEPTION '${message}'; END $$`,
      `CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table} ` +
        `FOR EACH STATEMENT EXECUTE FUNCTION ${table}_append_only()`,
    ];
  });
}
