import classes from './interval-plot.module.css';

interface IntervalPlotProps {
  readonly estimate: number | null;
  readonly interval: readonly [number, number] | null;
  /** Ends of the axis, the same for all that are compared. */
  readonly from: number;
  readonly to: number;
  /** Where a line stands, e.g. no effect. */
  readonly zero?: number | undefined;
  readonly label: string;
}

/** One line of a forest plot: the estimate, its interval, and the line of no effect. The numbers stand beside it. */
export function IntervalPlot({ estimate, interval, from, to, zero, label }: IntervalPlotProps) {
  const place = (value: number): number =>
    Math.min(100, Math.max(0, ((value - from) / (to - from || 1)) * 100));
  return (
    <div className={classes.plot} role="img" aria-label={label}>
      {zero !== undefined && <span className={classes.zero} style={{ left: `${place(zero)}%` }} />}
      {interval !== null && (
        <span
          className={classes.interval}
          style={{
            left: `${place(interval[0])}%`,
            width: `max(2px, ${place(interval[1]) - place(interval[0])}%)`,
          }}
        />
      )}
      {estimate !== null && (
        <span className={classes.point} style={{ left: `${place(estimate)}%` }} />
      )}
    </div>
  );
}
