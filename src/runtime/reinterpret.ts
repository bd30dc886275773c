import type { ConfigurationOptions } from '../model/configuration';
import { newScope, newSpan } from '../model/new-span';
import type { Redaction, Reinterpreted } from '../model/ports-upkeep';
import type { Span } from '../model/span';
import {
  applyHook,
  interpretSpan,
  redactExecution,
  redactSpan,
  redactTaskChange,
  type RedactionPolicy,
} from '../semantics';
import { openEvolution } from './create-evolution';
import { requireDatabase } from './find-database';

export interface ReinterpretSettings {
  /** Also take out what may not be kept by the configuration of today. @defaultValue false */
  readonly redact?: boolean | undefined;
  readonly onProgress?: ((progress: ReinterpretProgress) => void) | undefined;
  /** Stops after the slice that runs; the next call goes on there. */
  readonly signal?: AbortSignal | undefined;
}

/** In keys of spans while they are read, then in things to derive. */
export interface ReinterpretProgress {
  readonly step: 'reading' | 'deriving';
  readonly done: number;
  readonly total: number;
}

/**
 * Reads every stored span again with the semantics, prices and redaction of today, and derives what follows. Without
 * `redact` content that was captured stays; secrets are masked in any case.
 */
export async function reinterpretStore(
  options: ConfigurationOptions,
  { redact = false, onProgress, signal }: ReinterpretSettings,
): Promise<Reinterpreted> {
  await requireDatabase(options);
  const evolution = await openEvolution(options);
  const { store, settings } = evolution.ingest;
  const { prices, hook } = settings;
  const policy = redact ? settings.policy : { ...settings.policy, captureContent: true };
  const interpret = (stored: Span) => {
    const span = redact && hook ? applyHook(stored, hook) : stored;
    return redactSpan({ span, meaning: interpretSpan(span, { prices }) }, policy);
  };
  try {
    const done = await store.reinterpret({
      interpret,
      onProgress: (progress) => onProgress?.({ step: 'reading', ...progress }),
      signal,
      redact: redact ? redactionOf(policy) : undefined,
    });
    let most = 0;
    while (!signal?.aborted && !(await store.derive(1_000))) {
      const { backlog } = await store.readJobs();
      const left = backlog.traces + backlog.executions;
      most = Math.max(most, left);
      onProgress?.({ step: 'deriving', done: most - left, total: most });
    }
    return done;
  } finally {
    await evolution.close();
  }
}

function redactionOf(policy: RedactionPolicy): Redaction {
  return {
    rootAttributes: (attributes) => {
      const span = { ...emptyRecord, attributes };
      const meaning = { ...interpretSpan(span, { prices: {} }), role: 'agent' as const };
      return redactSpan({ span, meaning }, policy).span.attributes;
    },
    config: (config) => redactExecution({ taskId: '', config }, policy).config ?? config,
    taskInput: (input) => redactTaskChange({ input }, policy).input,
  };
}

/** A span that says nothing. */
const emptyRecord = newSpan({
  traceId: '0'.repeat(32),
  spanId: '0'.repeat(16),
  name: '',
  startTimeUnixNano: 0n,
  endTimeUnixNano: null,
  attributes: {},
  resource: { attributes: {}, droppedAttributesCount: 0, schemaUrl: null },
  scope: newScope(''),
});
