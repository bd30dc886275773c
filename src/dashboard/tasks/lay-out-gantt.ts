/** A run on the timeline; milliseconds since 1970. */
export interface GanttRun {
  readonly id: string;
  /** What it is in a row with. */
  readonly row: string;
  readonly start: number;
  readonly end: number;
}

export interface GanttRow<R extends GanttRun> {
  readonly name: string;
  readonly lanes: readonly (readonly R[])[];
  readonly runs: number;
}

/**
 * A row per agent or session, in it as many lanes as runs lie side by side: each run in the first lane that
 * is free, so that retries and replications stack. Rows by their first run.
 */
export function layOutGantt<R extends GanttRun>(runs: readonly R[]): readonly GanttRow<R>[] {
  const rows = new Map<string, R[][]>();
  for (const run of runs.toSorted((a, b) => a.start - b.start)) {
    const lanes = rows.get(run.row) ?? [];
    const free = lanes.find((lane) => lane.at(-1)!.end <= run.start);
    if (free === undefined) lanes.push([run]);
    else free.push(run);
    rows.set(run.row, lanes);
  }
  return [...rows].map(([name, lanes]) => {
    return { name, lanes, runs: lanes.reduce((sum, lane) => sum + lane.length, 0) };
  });
}

/** Stretches in which nothing ran, of at least `share` of the time in which something did. */
export function findQuietTimes(
  runs: readonly GanttRun[],
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
