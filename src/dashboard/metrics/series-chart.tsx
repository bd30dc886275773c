import { Link } from '@tanstack/react-router';
import { formatDay, formatTime, toMillis } from '../format/format';
import { useTimeZone } from '../preferences';
import type { Marker } from './markers';
import type { Measure } from './measures';
import type { NamedSeries } from './named-series';
import { pointText } from './named-series';
import { roundTop } from './round-scale';
import type { TimeScale } from './time-scale';
import { bucketMillis, unbroken } from './time-scale';
import plots from '../ui/plot.module.css';
import { Nearest } from './nearest-point';
import classes from './metrics.module.css';

const width = 560;
const height = 190;
const plot = { left: 88, right: 10, top: 12, bottom: 26 };
const centre = (plot.left + width - plot.right) / 2;

/** Points that are links of their own; of more, the one that is pointed at. The table has a link for each. */
const mostLinks = 300;

interface SeriesChartProps {
  readonly measure: Measure;
  readonly series: readonly NamedSeries[];
  readonly scale: TimeScale;
  readonly bucket: 'hour' | 'day';
  readonly markers: readonly Marker[];
}

/** One measure over time: a line a series, its interval where known, what happened meanwhile; a point leads to its runs. */
export function SeriesChart({ measure, series, scale, bucket, markers }: SeriesChartProps) {
  const [zone] = useTimeZone();
  const most = largestOf(measure, series);
  // Days are cut in UTC; an hour of the day would say more than is known.
  const timeLabel = (at: number): string =>
    bucket === 'day' ? formatDay(at) : formatTime(at, zone, false);
  const dense = series.reduce((sum, { points }) => sum + points.length, 0) > mostLinks;
  const middle = timeLabel((scale.from + scale.to) / 2);
  const x = (at: number): number =>
    plot.left + ((at - scale.from) / (scale.to - scale.from)) * (width - plot.left - plot.right);
  const y = (value: number): number =>
    height - plot.bottom - (value / most) * (height - plot.top - plot.bottom);
  return (
    <figure className={`${plots.plot} ${classes.chart}`}>
      <figcaption>{measure.title}</figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="group"
        aria-label={`${measure.title} over time`}
      >
        {[0, most / 2, most].map((value) => (
          <g key={value}>
            <line
              className={classes.grid}
              x1={plot.left}
              x2={width - plot.right}
              y1={y(value)}
              y2={y(value)}
            />
            <text x={plot.left - 6} y={y(value) + 4} textAnchor="end">
              {measure.format(value)}
            </text>
          </g>
        ))}
        <text x={plot.left} y={height - 8}>
          {timeLabel(scale.from)}
        </text>
        <text x={centre} y={height - 8} textAnchor="middle">
          {middle === timeLabel(scale.from) ? '' : middle}
        </text>
        <text x={width - plot.right} y={height - 8} textAnchor="end">
          {timeLabel(scale.to)}
        </text>
        {markers.map((marker) => (
          <g key={`${marker.kind}${marker.at}${marker.text}`} className={classes[marker.kind]}>
            <title>{`${marker.text}, ${formatTime(marker.at, zone)}`}</title>
            <line x1={x(marker.at)} x2={x(marker.at)} y1={plot.top} y2={height - plot.bottom} />
            <text x={x(marker.at)} y={plot.top - 2} textAnchor="middle">
              {symbols[marker.kind]}
            </text>
          </g>
        ))}
        {series.map((one, index) => (
          <Line key={one.name} {...{ measure, one, index, bucket, dense, x, y }} />
        ))}
        {dense && <Nearest {...{ measure, series, bucket, x, y }} middle={centre} />}
      </svg>
    </figure>
  );
}

/** How a marker looks beside its colour. */
export const symbols: Readonly<Record<Marker['kind'], string>> = {
  version: '◆',
  configuration: '◇',
  look: '○',
  mark: '✓',
};

interface LineProps {
  readonly measure: Measure;
  readonly one: NamedSeries;
  readonly index: number;
  readonly bucket: 'hour' | 'day';
  readonly dense: boolean;
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
}

function Line({ measure, one, index, bucket, dense, x, y }: LineProps) {
  const [zone] = useTimeZone();
  const half = bucketMillis[bucket] / 2;
  const points = one.points.map((point) => ({
    at: toMillis(point.start),
    value: measure.value(point),
    interval: measure.interval?.(point) ?? null,
    point,
  }));
  return (
    <g className={classes[`series${index}`]}>
      {unbroken(points, bucketMillis[bucket]).map((piece) => (
        <polyline
          key={piece[0]!.at}
          points={piece.map(({ at, value }) => `${x(at + half)},${y(value!)}`).join(' ')}
        />
      ))}
      {(dense ? [] : points).map(({ at, value, interval, point }) => {
        if (value === null) return null;
        const text = pointText(measure, one, point, zone);
        return (
          <g key={at}>
            {interval !== null && (
              <line
                className={classes.interval}
                x1={x(at + half)}
                x2={x(at + half)}
                y1={y(interval[0])}
                y2={y(interval[1])}
              />
            )}
            <Link {...one.runsOf(point)} aria-label={`${text}: its runs`}>
              <title>{text}</title>
              <circle cx={x(at + half)} cy={y(value)} r={3.5} />
              <circle className={classes.target} cx={x(at + half)} cy={y(value)} r={9} />
            </Link>
          </g>
        );
      })}
    </g>
  );
}

function largestOf(measure: Measure, series: readonly NamedSeries[]): number {
  const values = series.flatMap(({ points }) =>
    points.map((point) => measure.interval?.(point)?.[1] ?? measure.value(point) ?? 0),
  );
  return measure.top ?? roundTop(Math.max(0, ...values), measure.unit);
}
