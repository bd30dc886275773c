import { compareSpans, type FoldSpan } from './fold-span';

/** Order keys are texts that sort like what they stand for, so that the smallest of any two is found without the spans. */

const digits = 20;
const longest = 2n ** 64n - 1n;

const fixed = (value: bigint): string => String(value).padStart(digits, '0');

/** By (start, span id, trace id): the one order in which spans are read. */
export function orderKey(span: Pick<FoldSpan, 'startTimeUnixNano' | 'spanId' | 'traceId'>): string {
  return fixed(span.startTimeUnixNano) + span.spanId + span.traceId;
}

/** By (no parent first, start, the later end first, span id, trace id): the smallest is on top of its trace. */
export function topKey(span: Placed): string {
  const toEnd = span.endTimeUnixNano === null ? 0n : longest - span.endTimeUnixNano;
  const parent = span.parentSpanId === null ? '0' : '1';
  return parent + fixed(span.startTimeUnixNano) + fixed(toEnd) + span.spanId + span.traceId;
}

/** Agents first, then as `topKey`: the smallest is the root of its execution. */
export function rootKey(span: FoldSpan): string {
  return (span.role === 'agent' ? '0' : '1') + topKey(span);
}

type Placed = Pick<
  FoldSpan,
  'startTimeUnixNano' | 'endTimeUnixNano' | 'parentSpanId' | 'spanId' | 'traceId'
>;

/** As `topKey` orders, without making the keys. */
export function compareTops(a: Placed, b: Placed): number {
  const parents = (a.parentSpanId === null ? 0 : 1) - (b.parentSpanId === null ? 0 : 1);
  if (parents !== 0) return parents;
  if (a.startTimeUnixNano !== b.startTimeUnixNano) {
    return a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1;
  }
  const endA = a.endTimeUnixNano ?? longest;
  const endB = b.endTimeUnixNano ?? longest;
  if (endA !== endB) return endA > endB ? -1 : 1;
  return compareSpans(a, b);
}

/** As `rootKey` orders. */
export function compareRoots(a: FoldSpan, b: FoldSpan): number {
  const agents = (a.role === 'agent' ? 0 : 1) - (b.role === 'agent' ? 0 : 1);
  return agents === 0 ? compareTops(a, b) : agents;
}
