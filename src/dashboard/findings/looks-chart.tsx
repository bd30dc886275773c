import type { LedgerEntryJson, LookJson } from '../../wire';
import { formatCount, formatPValue } from '../format/format';
import plots from '../ui/plot.module.css';
import classes from './findings.module.css';

interface LooksChartProps {
  readonly tests: readonly LedgerEntryJson[];
  readonly looks: ReadonlyMap<number, LookJson>;
}

const width = 720;
const height = 170;
const plot = { left: 60, right: 16, top: 16, bottom: 34 };

interface Point {
  readonly look: number;
  readonly units: number;
  readonly p: number;
  /** Level of the look. */
  readonly alpha: number;
}

/** Evidence against runs: how small p was at each look, upwards, and the level of that look. The table has the numbers. */
export function LooksChart({ tests, looks }: LooksChartProps) {
  const points = tests.flatMap(({ test, look, p_value: p }): Point[] => {
    const at = looks.get(look);
    if (test !== 'look' || p === null || at === undefined) return [];
    return [{ look, units: at.units, p, alpha: at.alpha }];
  });
  if (points.length < 2) return null;
  const strength = (p: number): number => -Math.log10(Math.max(p, 1e-12));
  const most = Math.max(...points.flatMap(({ p, alpha }) => [strength(p), strength(alpha)]), 2);
  const units = points.map((point) => Math.log(point.units));
  const [from, to] = [Math.min(...units), Math.max(...units)];
  const x = (point: Point): number =>
    plot.left +
    ((Math.log(point.units) - from) / (to - from || 1)) * (width - plot.left - plot.right);
  const y = (p: number): number =>
    height - plot.bottom - (strength(p) / most) * (height - plot.top - plot.bottom);
  return (
    <div className={`${plots.plot} ${plots.wide} ${plots.evidence} ${classes.looks}`}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label="Evidence over looks; the table below has the numbers"
      >
        <line x1={plot.left} x2={width - plot.right} y1={y(1)} y2={y(1)} />
        <text x={plot.left - 8} y={y(1) + 4} textAnchor="end">
          p 1
        </text>
        <text x={plot.left - 8} y={plot.top + 4} textAnchor="end">
          {formatPValue(10 ** -most)}
        </text>
        <polyline
          className={classes.bar}
          points={points.map((point) => `${x(point)},${y(point.alpha)}`).join(' ')}
        />
        <text x={width - plot.right} y={y(points.at(-1)!.alpha) - 5} textAnchor="end">
          level of each look
        </text>
        <polyline points={points.map((point) => `${x(point)},${y(point.p)}`).join(' ')} />
        {points.map((point) => (
          <g key={point.look}>
            <circle cx={x(point)} cy={y(point.p)} r={5} data-below={point.p > point.alpha} />
            <text
              x={x(point)}
              y={height - 12}
              textAnchor={point === points.at(-1) ? 'end' : 'middle'}
            >
              {formatCount(point.units)} runs
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}
