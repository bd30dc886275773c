import type { LogRecord, RedactionHook, SpanRecord } from '../model/span';
import type { IngestBatch, IngestResult, Refusal, SpanSink } from '../model/ports';
import type { RewardClaim } from '../model/reward';
import type { PriceTable } from '../model/price';
import type { RedactionPolicy } from '../semantics';
import {
  applyHook,
  FLAG_EVALUATION,
  interpretLog,
  interpretSpan,
  REDACTION_FAILED,
  redactReward,
  redactSpan,
  refusedCarrier,
  spanOfFlagEvaluation,
} from '../semantics';
import { warnRedactionFailed } from './redaction-hook';
import { hashSent, type OpenedStore, type PreparedRows, prepareRows } from '../store';

export interface IngestSettings {
  readonly policy: RedactionPolicy;
  readonly prices: PriceTable;
  /** Runs before everything else. */
  readonly hook?: RedactionHook | null | undefined;
}

/** A batch that is understood, redacted and ready for its transaction: plain data. */
export interface PreparedBatch {
  readonly rows: PreparedRows;
  readonly refused: readonly Refusal[];
  /** For each reward of `rows`' batch the place that it came from. */
  readonly origins: readonly Omit<Refusal, 'reason'>[];
  /** Spans from this place on are flag evaluations that came as these log records. */
  readonly evaluations: { readonly from: number; readonly logs: readonly number[] };
  /** Spans on which the redaction hook failed. */
  readonly redactionFailed: number;
}

/** Every entrance ends here: interpret, redact, write. Pure, so that any thread can do it. */
export function prepareBatch(
  batch: IngestBatch,
  { policy, prices, hook }: IngestSettings,
): PreparedBatch {
  const logs = sortLogs(batch.logs ?? []);
  const sentSpans = [...batch.spans, ...logs.evaluated.map(({ span }) => span)];
  const given = hook ? sentSpans.map((span) => applyHook(span, hook)) : sentSpans;
  const useless: Refusal[] = [];
  const spans = given.map((span: SpanRecord, index) => {
    const meaning = interpretSpan(span, { prices });
    const reason = refusedCarrier(span, meaning);
    if (reason !== null) useless.push({ part: 'spans', index, reason });
    const redacted = redactSpan({ span, meaning }, policy);
    const sent = sentSpans[index]!;
    return redacted.span === sent
      ? redacted
      : { ...redacted, sentHash: hashSent(sent, policy.contentKey) };
  });
  const { rewards, refused } = readRewards(logs.judged, batch.rewards ?? [], policy);
  const rows = prepareRows({ spans, rewards: rewards.map(({ claim }) => claim) });
  return {
    rows: useless.length === 0 ? rows : withoutSpans(rows, useless),
    refused: [...useless, ...logs.refused, ...refused],
    evaluations: { from: batch.spans.length, logs: logs.evaluated.map(({ index }) => index) },
    origins: rewards.map(({ part, index }) => ({ part, index })),
    redactionFailed: hook
      ? given.filter(({ attributes }) => REDACTION_FAILED in attributes).length
      : 0,
  };
}

function withoutSpans(rows: PreparedRows, refused: readonly Refusal[]): PreparedRows {
  const lost = new Set(refused.map(({ index }) => index));
  return { ...rows, spans: rows.spans.filter(({ index }) => !lost.has(index)) };
}

/** Resolves after the commit. */
export async function writeBatch(
  store: Pick<OpenedStore, 'writePrepared'>,
  { rows, refused, origins, evaluations, redactionFailed }: PreparedBatch,
): Promise<IngestResult> {
  warnRedactionFailed(redactionFailed);
  const written = await store.writePrepared(rows);
  return {
    ...written,
    refused: [
      ...refused,
      ...written.refused.map((refusal) => atOrigin(refusal, { origins, evaluations })),
    ],
  };
}

export function createIngest(
  store: Pick<OpenedStore, 'writePrepared'>,
  settings: IngestSettings,
): SpanSink {
  return { accept: async (batch) => writeBatch(store, prepareBatch(batch, settings)) };
}

/** A claim with the place in the batch that it came from. */
interface PlacedClaim {
  readonly claim: RewardClaim;
  readonly part: Refusal['part'];
  readonly index: number;
}

interface SortedLogs {
  readonly judged: readonly { readonly log: LogRecord; readonly index: number }[];
  readonly evaluated: readonly { readonly span: SpanRecord; readonly index: number }[];
  readonly refused: readonly Refusal[];
}

/** A flag evaluation goes on as a span, everything else is read as a judgement. */
function sortLogs(logs: readonly LogRecord[]): SortedLogs {
  const judged: { log: LogRecord; index: number }[] = [];
  const evaluated: { span: SpanRecord; index: number }[] = [];
  const refused: Refusal[] = [];
  logs.forEach((log, index) => {
    if (log.eventName !== FLAG_EVALUATION) {
      judged.push({ log, index });
      return;
    }
    const span = spanOfFlagEvaluation(log);
    if ('refused' in span) refused.push({ part: 'logs', index, reason: span.refused });
    else evaluated.push({ span, index });
  });
  return { judged, evaluated, refused };
}

function readRewards(
  logs: SortedLogs['judged'],
  given: readonly RewardClaim[],
  policy: RedactionPolicy,
): { rewards: PlacedClaim[]; refused: Refusal[] } {
  const refused: Refusal[] = [];
  const rewards: PlacedClaim[] = given.map((claim, index) => ({
    claim: redactReward(claim, policy),
    part: 'rewards',
    index,
  }));
  logs.forEach(({ log, index }) => {
    const claim = interpretLog(log);
    if ('refused' in claim) refused.push({ part: 'logs', index, reason: claim.refused });
    else rewards.push({ claim: redactReward(claim, policy), part: 'logs', index });
  });
  return { rewards, refused };
}

/** The store counts in the lists it was given; the caller counts in the lists it sent. */
function atOrigin(
  refusal: Refusal,
  { origins, evaluations: { from, logs } }: Pick<PreparedBatch, 'origins' | 'evaluations'>,
): Refusal {
  const { part, index, reason } = refusal;
  if (part === 'spans' && index >= from) {
    return { part: 'logs', index: logs[index - from] ?? index, reason };
  }
  const origin = part === 'rewards' ? origins[index] : undefined;
  return origin === undefined ? refusal : { ...origin, reason };
}
