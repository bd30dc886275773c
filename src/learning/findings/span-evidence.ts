import type { ClosedExecution, ExecutionStep } from '../../model/learning';
import type { PredicateTerm } from '../../model/pattern';
import type { SpanAddress } from '../../model/span';
import { fnv1a32 } from '../../stats';
import { hasBit } from '../units/bitset';
import type { Member } from '../look/member';
import { calledTool } from '../features/tool-features';
import type { Unit, UnitTable } from '../units/unit-table';

/** Execution ids for and against a finding. */
export interface EvidenceRuns {
  readonly supporting: readonly string[];
  readonly contradicting: readonly string[];
}

export interface SpanEvidence {
  readonly supporting: readonly SpanAddress[];
  readonly contradicting: readonly SpanAddress[];
}

/** Runs kept for each side. */
const reservoirSize = 5;

/**
 * Runs that speak for and against a finding. For: the feature is there and the outcome lies on the
 * effect's side of the mean; against: the feature is there and it lies on the other side. Where a side
 * has too few, runs without the feature fill it: for, if they lack what the effect promises; against,
 * if they have it all the same. Which runs are kept is decided by a hash, so the same runs give the
 * same evidence in any order.
 */
export function chooseEvidenceRuns(finding: Member, table: UnitTable): EvidenceRuns {
  const { candidate, column, score } = finding;
  const sign = Math.sign(score.effect?.estimate ?? 0);
  const members = table.units.flatMap((unit, i) => {
    const value = column.values[i] ?? NaN;
    if (Number.isNaN(value) || !(candidate.within === null || hasBit(candidate.within, i)))
      return [];
    return [{ unit, value, withFeature: hasBit(candidate.bits, i) }];
  });
  const mean = members.reduce((sum, { value }) => sum + value, 0) / Math.max(1, members.length);
  const runs = (withFeature: boolean, agrees: boolean): Unit[] =>
    members
      .filter((run) => run.withFeature === withFeature)
      .filter(({ value }) => (value - mean) * sign > 0 === agrees)
      .map(({ unit }) => unit);
  const choose = (agrees: boolean): string[] =>
    [
      ...lowestHashes(runs(true, agrees), finding.id),
      ...lowestHashes(runs(false, !agrees), finding.id),
    ].slice(0, reservoirSize);
  return { supporting: choose(true), contradicting: choose(false) };
}

/** Reads the runs once more and points at the span of each that shows the feature. */
export async function locateEvidence(
  runs: ReadonlyMap<Member, EvidenceRuns>,
  read: (executionIds: readonly string[]) => AsyncIterable<ClosedExecution>,
): Promise<ReadonlyMap<Member, SpanEvidence>> {
  const wanted = new Set(
    [...runs.values()].flatMap((side) => [...side.supporting, ...side.contradicting]),
  );
  const found = new Map<string, ClosedExecution>();
  for await (const execution of read([...wanted])) found.set(execution.id, execution);
  const spansOf = (ids: readonly string[], { candidate }: Member): SpanAddress[] =>
    ids.flatMap((id) => {
      const execution = found.get(id);
      const span =
        execution === undefined ? null : witnessSpan(execution, candidate.predicate.terms);
      return span === null ? [] : [span];
    });
  return new Map(
    [...runs].map(([finding, { supporting, contradicting }]) => [
      finding,
      {
        supporting: spansOf(supporting, finding),
        contradicting: spansOf(contradicting, finding),
      },
    ]),
  );
}

function lowestHashes(units: readonly Unit[], salt: string): string[] {
  return units
    .map(({ id }) => ({ id, hash: fnv1a32(salt + id) }))
    .sort((a, b) => a.hash - b.hash || (a.id < b.id ? -1 : 1))
    .slice(0, reservoirSize)
    .map(({ id }) => id);
}

/** The step that shows the first term; the root where the run as a whole does, or lacks it. */
function witnessSpan(
  { steps, rootSpan }: ClosedExecution,
  [term]: readonly PredicateTerm[],
): SpanAddress | null {
  const step = term === undefined ? undefined : witnessStep(steps, term);
  const span = step ?? rootSpan ?? steps[0];
  return span === undefined ? null : { traceId: span.traceId, spanId: span.spanId };
}

function witnessStep(
  steps: readonly ExecutionStep[],
  { kind, key, value }: PredicateTerm,
): ExecutionStep | undefined {
  const calls = steps.filter((step) => calledTool(step) !== null);
  const sequence = Array.isArray(value) ? (value as readonly unknown[]) : [key];
  switch (kind) {
    case 'tool':
    case 'first':
    case 'loop':
    case 'before':
    case 'never_after':
      return calls.find((step) => calledTool(step) === sequence[0]);
    case 'last':
      return calls.findLast((step) => calledTool(step) === key);
    case 'bigram':
    case 'trigram':
      return calls.find((_, i) =>
        sequence.every((tool, offset) => {
          const step = calls[i + offset];
          return step !== undefined && calledTool(step) === tool;
        }),
      );
    case 'error':
      return calls.find((step) => step.error && calledTool(step) === key);
    case 'fan_out':
      return calls.find((step, i) => overlapsNext(step, calls[i + 1]));
    case 'any_tool_error':
    case 'tool_errors':
    case 'retry_after_error':
      return calls.find((step) => step.error);
    case 'any_model_error':
    case 'model_errors':
      return steps.find((step) => step.role === 'llm' && step.error);
    case 'model':
      return steps.find((step) => step.role === 'llm' && step.model === key);
    default:
      return undefined;
  }
}

/** Steps stand in the order in which they began. */
function overlapsNext({ endTimeUnixNano: end }: ExecutionStep, next?: ExecutionStep): boolean {
  return end !== null && next !== undefined && next.startTimeUnixNano < end;
}
