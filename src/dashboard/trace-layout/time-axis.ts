import type { Forest } from './span-forest';

/** A stretch of time and where it is drawn, 0..1. */
export interface AxisPart {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly right: number;
  /** Idle time, drawn shorter than it was. */
  readonly folded: boolean;
}

export interface TimeAxis {
  readonly from: number;
  readonly to: number;
  readonly parts: readonly AxisPart[];
  /** 0..1 within the window, clamped. */
  place(time: number): number;
  timeAt(place: number): number;
}

export interface Gap {
  readonly from: number;
  readonly to: number;
}

/**
 * Stretches in which no span without children runs, of at least `share` (0..1) of the trace: the agent
 * waits, or does what no span tells of.
 */
export function findIdleGaps(forest: Forest, share = 0.04): readonly Gap[] {
  const least = (forest.end - forest.start) * share;
  const leaves = forest.nodes
    .filter((node) => node.children.length === 0)
    .sort((a, b) => a.start - b.start);
  const gaps: Gap[] = [];
  let busyUntil = forest.start;
  const note = (next: number): void => {
    if (next > busyUntil && next - busyUntil >= least) gaps.push({ from: busyUntil, to: next });
  };
  for (const leaf of leaves) {
    note(leaf.start);
    busyUntil = Math.max(busyUntil, leaf.end);
  }
  note(forest.end);
  return gaps;
}

/** What is left of a folded gap, as a share of the window's busy time. */
const foldedShare = 0.015;

/** Maps time to place, with the given gaps folded. Without gaps it is one straight line. */
export function makeTimeAxis(
  window: { readonly from: number; readonly to: number },
  gaps: readonly Gap[] = [],
): TimeAxis {
  const to = window.to > window.from ? window.to : window.from + 1;
  const parts = divide(window.from, to, gaps);
  return {
    from: window.from,
    to,
    parts,
    place(time) {
      const part = find(parts, (candidate) => time < candidate.to);
      return clamp(interpolate(time, part.from, part.to, part.left, part.right));
    },
    timeAt(place) {
      const part = find(parts, (candidate) => place < candidate.right);
      return interpolate(clamp(place), part.left, part.right, part.from, part.to);
    },
  };
}

function divide(from: number, to: number, gaps: readonly Gap[]): readonly AxisPart[] {
  const pieces: { from: number; to: number; folded: boolean }[] = [];
  let at = from;
  for (const gap of gaps) {
    const start = Math.max(gap.from, at);
    const end = Math.min(gap.to, to);
    if (end <= start) continue;
    if (start > at) pieces.push({ from: at, to: start, folded: false });
    pieces.push({ from: start, to: end, folded: true });
    at = end;
  }
  if (at < to) pieces.push({ from: at, to, folded: false });
  const busy = pieces.reduce((sum, p) => (p.folded ? sum : sum + p.to - p.from), 0);
  // A window that is idle from end to end is not folded.
  const short = busy > 0 ? busy * foldedShare : Infinity;
  const width = (p: (typeof pieces)[number]): number =>
    p.folded ? Math.min(p.to - p.from, short) : p.to - p.from;
  const total = pieces.reduce((sum, piece) => sum + width(piece), 0);
  let left = 0;
  return pieces.map((piece) => {
    const right = left + width(piece) / total;
    const part = {
      ...piece,
      folded: piece.folded && width(piece) < piece.to - piece.from,
      left,
      right,
    };
    left = right;
    return part;
  });
}

function find(parts: readonly AxisPart[], test: (part: AxisPart) => boolean): AxisPart {
  return parts.find(test) ?? parts.at(-1)!;
}

function interpolate(at: number, from: number, to: number, low: number, high: number): number {
  return to === from ? low : low + ((at - from) / (to - from)) * (high - low);
}

function clamp(place: number): number {
  return Math.min(1, Math.max(0, place));
}

/** Round times to write on an axis, `count` or a few fewer; the step is 1, 2 or 5 times a power of ten. */
export function axisTicks(from: number, to: number, count: number): readonly number[] {
  const raw = (to - from) / Math.max(1, count);
  if (!(raw > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((candidate) => candidate >= raw)!;
  const ticks: number[] = [];
  for (let k = Math.ceil(from / step); k * step <= to; k += 1) ticks.push(k * step);
  return ticks;
}

/** Of labels from left to right, places and lengths in pixels: those that stand within the width and on no other. */
export function fittingLabels<T extends { readonly left: number; readonly length: number }>(
  labels: readonly T[],
  width: number,
): readonly T[] {
  let free = 0;
  return labels.filter(({ left, length }) => {
    const fits = left >= free && left + length <= width;
    if (fits) free = left + length;
    return fits;
  });
}
