import type { Exposure } from '../../model/span';
import type { Status } from '../../model/status';
import type { StoredMeaning } from '../schema/stored-meaning';
import { compareSpans, type FoldSpan } from './fold-span';
import { Sums, type Totals } from './execution-sums';
import { addMoney } from './money';
import { compareRoots, orderKey, rootKey } from './order';

/**
 * What an execution's spans say, as a commutative merge: counts, exact integer sums, smallest, largest,
 * and the value at the smallest order key. `mergeStates` is associative and commutative, so a span that
 * comes is merged in without the others, and any order and any split end in the same state. It is stored as
 * JSON with the execution.
 */
export interface ExecutionState extends Totals {
  readonly root: RootSpan;
  /** Spans that say something before the root does, or instead of it. */
  readonly said?: readonly Speaker[];
  /** The last word on the status. */
  readonly status?: readonly [key: string, status: Status];
  /** The first LLM call's model. */
  readonly model?: readonly [key: string, model: string];
  readonly exposures?: readonly Exposure[];
  /** The first `maxTags` of them by name. */
  readonly tags?: readonly string[];
}

/** What one span says of the execution; `key` is its order key. */
export interface Speaker {
  readonly key: string;
  readonly says: Said;
}

export type Said = Pick<
  StoredMeaning,
  | 'taskId'
  | 'taskType'
  | 'taskGroup'
  | 'taskInput'
  | 'attempt'
  | 'replication'
  | 'sessionId'
  | 'config'
  | 'propensities'
  | 'success'
  | 'sampling'
> & {
  /** Whole, so that name and id come from the same span. */
  readonly agent?: StoredMeaning['agent'] & { readonly id: string | null };
};

export interface RootSpan extends Speaker {
  readonly rootKey: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly start: string;
  readonly end?: string;
  readonly error?: true;
}

/** An execution shows this many tags and exposures at most; every tag is found through its span. */
export const maxTags = 256;
const maxExposures = 32;

/** What spans of one execution say together: at least one, no carriers, in any order. */
export function stateOf(
  spans: readonly FoldSpan[],
  tagsOf: (span: FoldSpan) => readonly string[] = () => [],
): ExecutionState {
  const sums = new Sums();
  const first = new Map<keyof Said, FoldSpan>();
  const tags = new Set<string>();
  let root = spans[0]!;
  let lastStatus: FoldSpan | null = null;
  let firstModel: FoldSpan | null = null;
  let exposures: readonly Exposure[] | undefined;
  for (const span of spans) {
    sums.add(span);
    if (span !== root && compareRoots(span, root) < 0) root = span;
    const { meaning } = span;
    for (const word of wordsOf(span)) {
      const before = first.get(word);
      if (!before || compareSpans(span, before) < 0) first.set(word, span);
    }
    if (meaning.status !== undefined && (!lastStatus || compareSpans(span, lastStatus) > 0)) {
      lastStatus = span;
    }
    if (span.role === 'llm' && span.model !== null) {
      if (!firstModel || compareSpans(span, firstModel) < 0) firstModel = span;
    }
    if (meaning.exposures) exposures = mergeExposures(exposures, meaning.exposures).exposures;
    for (const tag of tagsOf(span)) tags.add(tag);
  }
  const said = speakersBeside(first, root);
  return {
    ...sums.totals(),
    root: rootSpan(root),
    ...(said.length > 0 && { said }),
    ...(lastStatus && { status: [orderKey(lastStatus), lastStatus.meaning.status!] as const }),
    ...(firstModel && { model: [orderKey(firstModel), firstModel.model!] as const }),
    ...(exposures && { exposures }),
    ...(tags.size > 0 && { tags: union([...tags], []) }),
  };
}

/** The words of `Said`, in the order in which they are stored. */
const meaningWords = [
  ...(['attempt', 'config', 'propensities', 'replication', 'sampling', 'sessionId'] as const),
  ...(['success', 'taskGroup', 'taskId', 'taskInput', 'taskType'] as const),
];

function wordsOf({ agentId, meaning }: FoldSpan): readonly (keyof Said)[] {
  const words: (keyof Said)[] = agentId !== null || meaning.agent ? ['agent'] : [];
  for (const word of meaningWords) if (meaning[word] !== undefined) words.push(word);
  return words;
}

function say(span: FoldSpan, words: readonly (keyof Said)[]): Said {
  const says: Record<string, unknown> = {};
  for (const word of words) {
    says[word] =
      word === 'agent'
        ? { id: span.agentId, ...(span.meaning.agent ?? namelessAgent) }
        : span.meaning[word];
  }
  return says;
}

const namelessAgent = { name: null, version: null, type: null };

/** Those that say something first, without the root, which keeps all its own words. */
function speakersBeside(
  first: ReadonlyMap<keyof Said, FoldSpan>,
  root: FoldSpan,
): readonly Speaker[] {
  const words = new Map<FoldSpan, (keyof Said)[]>();
  for (const [word, span] of first) {
    if (span === root) continue;
    const own = words.get(span);
    if (own) own.push(word);
    else words.set(span, [word]);
  }
  return [...words]
    .sort(([a], [b]) => compareSpans(a, b))
    .map(([span, own]) => ({ key: orderKey(span), says: say(span, own.sort()) }));
}

function rootSpan(span: FoldSpan): RootSpan {
  const end = span.endTimeUnixNano;
  return {
    key: orderKey(span),
    says: say(span, wordsOf(span)),
    rootKey: rootKey(span),
    traceId: span.traceId,
    spanId: span.spanId,
    name: span.name,
    start: String(span.startTimeUnixNano),
    ...(end !== null && { end: String(end) }),
    ...(span.error && { error: true }),
  };
}

export function mergeStates(a: ExecutionState, b: ExecutionState): ExecutionState {
  const root = a.root.rootKey <= b.root.rootKey ? a.root : b.root;
  const status = later(a.status, b.status);
  const model = earlier(a.model, b.model);
  const said = mergeSpeakers(a, b, root);
  const end = largest(a.end, b.end);
  return {
    spans: a.spans + b.spans,
    llmCalls: a.llmCalls + b.llmCalls,
    toolCalls: a.toolCalls + b.toolCalls,
    errors: a.errors + b.errors,
    ...sum('inputTokens', a.inputTokens, b.inputTokens),
    ...sum('outputTokens', a.outputTokens, b.outputTokens),
    ...addMoney(a.costPico, b.costPico),
    start: largest(a.start, b.start) === a.start ? b.start : a.start,
    ...(end !== undefined && { end }),
    received: largest(a.received, b.received)!,
    root,
    ...(said.length > 0 && { said }),
    ...(status && { status }),
    ...(model && { model }),
    ...((a.synthetic ?? b.synthetic) && { synthetic: true }),
    ...((a.unknownAttempts ?? b.unknownAttempts) && { unknownAttempts: true }),
    ...((a.skewed ?? b.skewed) && { skewed: true }),
    ...mergeExposures(a.exposures, b.exposures),
    ...mergeTags(a.tags, b.tags),
  };
}

/** The same with more tags. */
export function withTags(state: ExecutionState, tags: readonly string[]): ExecutionState {
  return { ...state, ...mergeTags(state.tags, tags) };
}

/** The first `maxTags` of both by name, each once. */
export function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])].sort().slice(0, maxTags);
}

/** Of all that speak, each word by the first that says it; what the root itself says stays with the root. */
function mergeSpeakers(a: ExecutionState, b: ExecutionState, root: RootSpan): readonly Speaker[] {
  const speakers = [a.root, b.root, ...(a.said ?? []), ...(b.said ?? [])];
  const first = new Map<string, Speaker>();
  for (const speaker of speakers) {
    for (const word of Object.keys(speaker.says)) {
      const before = first.get(word);
      if (!before || speaker.key < before.key) first.set(word, speaker);
    }
  }
  const kept = new Map<string, Record<string, unknown>>();
  for (const [word, { key, says }] of first) {
    if (key === root.key) continue;
    const words = kept.get(key) ?? {};
    words[word] = says[word as keyof Said];
    kept.set(key, words);
  }
  return [...kept]
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .map(([key, words]) => ({ key, says: sorted(words) }));
}

function sorted(words: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(words).sort(([x], [y]) => (x < y ? -1 : 1)));
}

type Keyed<T> = readonly [key: string, value: T];

function earlier<T>(a: Keyed<T> | undefined, b: Keyed<T> | undefined): Keyed<T> | undefined {
  return a && (!b || a[0] <= b[0]) ? a : b;
}

function later<T>(a: Keyed<T> | undefined, b: Keyed<T> | undefined): Keyed<T> | undefined {
  return a && (!b || a[0] >= b[0]) ? a : b;
}

/** Of decimal texts. */
function largest(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.length !== b.length) return a.length > b.length ? a : b;
  return a >= b ? a : b;
}

function sum<N extends string>(
  name: N,
  a: number | undefined,
  b: number | undefined,
): Partial<Record<N, number>> {
  if (a === undefined && b === undefined) return {};
  return { [name]: (a ?? 0) + (b ?? 0) } as Partial<Record<N, number>>;
}

function mergeTags(
  a: readonly string[] | undefined,
  b: readonly string[] | undefined,
): { tags?: readonly string[] } {
  if (!a?.length && !b?.length) return {};
  return { tags: union(a ?? [], b ?? []) };
}

function mergeExposures(
  a: readonly Exposure[] | undefined,
  b: readonly Exposure[] | undefined,
): { exposures?: readonly Exposure[] } {
  if (!a || !b) return (a ?? b) ? { exposures: (a ?? b)! } : {};
  const all = new Map([...a, ...b].map((exposure) => [JSON.stringify(exposure), exposure]));
  const inOrder = [...all].sort(([x], [y]) => (x < y ? -1 : 1));
  return { exposures: inOrder.slice(0, maxExposures).map(([, exposure]) => exposure) };
}
