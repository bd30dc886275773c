import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FoldSpan } from './fold-span';

export type MemberSpan = Pick<
  FoldSpan,
  'traceId' | 'spanId' | 'parentSpanId' | 'role' | 'carrier' | 'meaning'
>;

/**
 * The execution id of each span of one trace, in the order given; a pure fold, so that any order of
 * arrival ends the same. An explicit id wins, else the nearest ancestor's, else the trace's only one;
 * a trace without any is one execution under the trace's id, if it is an agent's at all. Carriers
 * belong to none and create nothing.
 */
export function foldMembership(spans: readonly MemberSpan[]): readonly (string | null)[] {
  for (const membership of membershipSteps(spans, Infinity)) if (membership) return membership;
  return [];
}

/** The same for a long trace, giving others their turn. */
export async function membershipInTurns(
  spans: readonly MemberSpan[],
): Promise<readonly (string | null)[]> {
  for (const membership of membershipSteps(spans, spansPerTurn)) {
    if (membership) return membership;
    await nextTurn();
  }
  return [];
}

const spansPerTurn = 2_000;

function* membershipSteps(
  spans: readonly MemberSpan[],
  perTurn: number,
): Generator<readonly (string | null)[] | null> {
  const members = spans.filter((span) => !span.carrier);
  const explicit = new Set<string>();
  for (const { meaning } of members) {
    if (meaning.executionId !== undefined) explicit.add(meaning.executionId);
  }
  if (explicit.size > 1) {
    yield* inheritFromAncestors(spans, perTurn);
    return;
  }
  const [only] = explicit;
  const execution = only ?? (isAgentTrace(members) ? spans[0]!.traceId : null);
  yield spans.map((span) => (span.carrier ? null : execution));
}

function isAgentTrace(members: readonly MemberSpan[]): boolean {
  return members.some(
    ({ role, meaning }) =>
      role === 'agent' || role === 'llm' || role === 'tool' || meaning.taskId !== undefined,
  );
}

function* inheritFromAncestors(
  spans: readonly MemberSpan[],
  perTurn: number,
): Generator<readonly (string | null)[] | null> {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const settled = new Map<string, string | null>();
  let turn = 0;
  for (const span of spans) {
    if (++turn % perTurn === 0) yield null;
    // Up to the first ancestor that is settled, then down again: no recursion, since traces may be
    // deep, and no endless walk, since parents may form a ring.
    const path: string[] = [];
    const onPath = new Set<string>();
    let execution: string | null = null;
    for (let at: MemberSpan | undefined = span; at; at = parentOf(at, byId)) {
      const known = settled.get(at.spanId);
      if (known !== undefined) {
        execution = known;
        break;
      }
      if (onPath.has(at.spanId)) break;
      path.push(at.spanId);
      onPath.add(at.spanId);
      if (!at.carrier && at.meaning.executionId !== undefined) {
        execution = at.meaning.executionId;
        break;
      }
    }
    for (const spanId of path) settled.set(spanId, execution);
  }
  yield spans.map((span) => (span.carrier ? null : settled.get(span.spanId)!));
}

function parentOf(span: MemberSpan, byId: ReadonlyMap<string, MemberSpan>): MemberSpan | undefined {
  return span.parentSpanId === null ? undefined : byId.get(span.parentSpanId);
}
