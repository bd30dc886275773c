import type { RawSearch } from '../url/search-params';
import { readId, readList, readNumber, readOneOf, readText } from '../url/search-params';

export const traceViews = ['waterfall', 'flame', 'aggregated'] as const;
export type TraceViewName = (typeof traceViews)[number];

export const panelTabs = [
  'summary',
  'messages',
  'attributes',
  'events',
  'links',
  'rewards',
  'why',
  'json',
] as const;
export type PanelTab = (typeof panelTabs)[number];

export type MessageView = 'markdown' | 'json' | 'plain';

/** Everything that decides what is seen of a trace. */
export interface TraceSearch {
  readonly view?: Exclude<TraceViewName, 'waterfall'> | undefined;
  readonly span?: string | undefined;
  readonly tab?: Exclude<PanelTab, 'summary'> | undefined;
  /** How messages are shown. */
  readonly as?: Exclude<MessageView, 'markdown'> | undefined;
  readonly q?: string | undefined;
  /** Hide what the search does not find. */
  readonly only?: true | undefined;
  /** Hide what is shorter than this percentage of the trace. */
  readonly min?: number | undefined;
  /** Root of the subtree that is looked at. */
  readonly focus?: string | undefined;
  /** Window, in nanoseconds since the start of the trace. */
  readonly t0?: number | undefined;
  readonly t1?: number | undefined;
  /** Spans whose children are hidden. */
  readonly closed?: readonly string[] | undefined;
  /** Repeats that were opened. */
  readonly open?: readonly string[] | undefined;
  /** Repeats are shown one by one. */
  readonly unfold?: true | undefined;
  readonly idle?: true | undefined;
  readonly critical?: true | undefined;
}

export function readTraceSearch(raw: RawSearch): TraceSearch {
  const t0 = readNumber(raw, 't0', 0, Number.MAX_SAFE_INTEGER);
  const t1 = readNumber(raw, 't1', 0, Number.MAX_SAFE_INTEGER);
  const window = t0 !== undefined && t1 !== undefined && t1 > t0 ? { t0, t1 } : {};
  return {
    view: readOneOf(raw, 'view', ['flame', 'aggregated']),
    span: readId(raw, 'span', 16),
    tab: readOneOf(raw, 'tab', panelTabs.slice(1) as Exclude<PanelTab, 'summary'>[]),
    as: readOneOf(raw, 'as', ['json', 'plain']),
    q: readText(raw, 'q'),
    only: readFlag(raw, 'only'),
    min: readNumber(raw, 'min', 0.01, 100),
    focus: readId(raw, 'focus', 16),
    ...window,
    closed: readIds(raw, 'closed'),
    open: readIds(raw, 'open'),
    unfold: readFlag(raw, 'unfold'),
    idle: readFlag(raw, 'idle'),
    critical: readFlag(raw, 'critical'),
  };
}

/** `1` in the address; `true` when the router hands back what it was given. */
function readFlag(raw: RawSearch, key: string): true | undefined {
  return raw[key] === '1' || raw[key] === true ? true : undefined;
}

function readIds(raw: RawSearch, key: string): readonly string[] | undefined {
  const value = raw[key];
  const listed = Array.isArray(value) ? (value as unknown[]) : readList(raw, key);
  const ids = listed.filter(
    (id): id is string => typeof id === 'string' && /^[0-9a-f]{16}$/.test(id),
  );
  return ids.length === 0 ? undefined : ids;
}
