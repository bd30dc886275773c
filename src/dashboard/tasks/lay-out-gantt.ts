/** A run on the timeline; milliseconds since 1970. */
export interface GanttRun {
  readonly id: string;
  /** What it is in a row with. */
  readonly row: string;
  readonly start: number;
  readonly end: number;
  readonly task: string;
  /** From 1; a later one is a retry. */
  readonly attempt: number;
  readonly replication: number;
}

export interface GanttRow<R extends GanttRun> {
  readonly name: string;
  readonly lanes: readonly (readonly R[])[];
  readonly runs: number;
}

/**
 * A row per agent or session, in it as many lanes as runs lie side by side. Attempts at one task stand below each
 * other, the first on top, in lanes that nobody else uses meanwhile; replications lie beside each other in time, each
 * in the first lane that is free. Rows by their first run.
 */
export function layOutGantt<R extends GanttRun>(runs: readonly R[]): readonly GanttRow<R>[] {
  const rows = new Map<string, Map<string, R[]>>();
  for (const run of runs.toSorted((a, b) => a.start - b.start || a.attempt - b.attempt)) {
    const stacks = rows.get(run.row) ?? new Map<string, R[]>();
    const key = JSON.stringify([run.task, run.replication]);
    stacks.set(key, [...(stacks.get(key) ?? []), run]);
    rows.set(run.row, stacks);
  }
  return [...rows].map(([name, stacks]) => {
    const lanes = pack([...stacks.values()].flatMap(stacksOf));
    return { name, lanes, runs: lanes.reduce((sum, lane) => sum + lane.length, 0) };
  });
}

/** Runs that claim to be the same attempt cannot be stacked: each stands for itself. */
function stacksOf<R extends GanttRun>(runs: readonly R[]): readonly (readonly R[])[] {
  const attempts = new Set(runs.map(({ attempt }) => attempt));
  if (attempts.size < runs.length) return runs.map((run) => [run]);
  return [runs.toSorted((a, b) => a.attempt - b.attempt)];
}

function pack<R extends GanttRun>(stacks: readonly (readonly R[])[]): readonly (readonly R[])[] {
  const lanes: R[][] = [];
  const freeAt: number[] = [];
  const startOf = (stack: readonly R[]): number => Math.min(...stack.map(({ start }) => start));
  for (const stack of stacks.toSorted((a, b) => startOf(a) - startOf(b))) {
    const start = startOf(stack);
    const end = Math.max(...stack.map((run) => run.end));
    let top = 0;
    const isFree = (lane: number): boolean => (freeAt[lane] ?? -Infinity) <= start;
    while (!stack.every((_, below) => isFree(top + below))) top += 1;
    stack.forEach((run, below) => {
      (lanes[top + below] ??= []).push(run);
      freeAt[top + below] = end;
    });
  }
  // A lane that was skipped for lack of room below it may hold nothing yet.
  return Array.from(lanes, (lane) => lane ?? []);
}

/** Stretches in which nothing ran, of at least `share` of the time in which something did. */
export function findQuietTimes(
  runs: readonly Pick<GanttRun, 'start' | 'end'>[],
  share = 0.1,
): readonly { readonly from: number; readonly to: number }[] {
  const sorted = runs.toSorted((a, b) => a.start - b.start);
  const gaps: { from: number; to: number }[] = [];
  let busy = 0;
  let until = sorted[0]?.start ?? 0;
  for (const run of sorted) {
    if (run.start > until) gaps.push({ from: until, to: run.start });
    busy += Math.max(0, run.end - Math.max(until, run.start));
    until = Math.max(until, run.end);
  }
  return gaps.filter((gap) => gap.to - gap.from >= busy * share);
}
