import type { ExperimentAnalysisJson } from '../../wire';
import { formatCount, formatTime } from '../format/format';
import { useTimeZone } from '../preferences';
import { OnDemand } from '../ui/on-demand';
import { PlainTable } from '../ui/plain-table';
import { Section } from '../ui/section';
import { differenceFormat, isShare } from './describe-experiment';
import { effectAxis, pointsOf, type Point } from './effect-points';
import plots from '../ui/plot.module.css';
import classes from './effect-chart.module.css';

const width = 720;
const height = 200;
const plot = { left: 84, right: 16, top: 14, bottom: 30 };

/** The lift of each challenger while units came, with the band in which it may be at any look. */
export function EffectOverTime({ results }: { readonly results: ExperimentAnalysisJson }) {
  const names = results.variants.slice(1).map(({ name }) => name);
  const drawn = names.filter((name) => pointsOf(results, name).length > 1);
  if (drawn.length === 0) return null;
  return (
    <Section
      title="While units came"
      note="The band is the interval that is valid whenever one looks; with the units it narrows around the lift."
    >
      {drawn.map((name) => (
        <EffectChart key={name} name={name} results={results} />
      ))}
    </Section>
  );
}

function EffectChart({
  name,
  results,
}: {
  readonly name: string;
  readonly results: ExperimentAnalysisJson;
}) {
  const [zone] = useTimeZone();
  const points = pointsOf(results, name);
  const format = differenceFormat(results.metric);
  const reach = effectAxis(points, isShare(results.metric));
  const last = points.at(-1)!;
  const from = points[0]!.units;
  const x = ({ units }: Point): number =>
    plot.left + ((units - from) / (last.units - from || 1)) * (width - plot.left - plot.right);
  const y = (value: number): number => {
    const inside = Math.min(reach, Math.max(-reach, value));
    return plot.top + ((reach - inside) / (2 * reach)) * (height - plot.top - plot.bottom);
  };
  const band = [
    ...points.map((point) => `${x(point)},${y(point.upper)}`),
    ...[...points].reverse().map((point) => `${x(point)},${y(point.lower)}`),
  ];
  return (
    <figure className={`${plots.plot} ${plots.wide} ${plots.evidence} ${classes.chart}`}>
      <figcaption className="untrusted">{name} against the control, while units came</figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Lift of ${name} over ${formatCount(last.units)} units: ${format(last.estimate)} [${format(last.lower)}, ${format(last.upper)}] at the last; the numbers follow`}
      >
        {[reach, 0, -reach].map((value) => (
          <text key={value} x={plot.left - 8} y={y(value) + 4} textAnchor="end">
            {value === 0 ? '0' : format(value)}
          </text>
        ))}
        <polygon points={band.join(' ')} />
        <line x1={plot.left} x2={width - plot.right} y1={y(0)} y2={y(0)} />
        <polyline points={points.map((point) => `${x(point)},${y(point.estimate)}`).join(' ')} />
        <circle cx={x(last)} cy={y(last.estimate)} r={4} />
        <text x={plot.left} y={height - 10}>
          {formatCount(from)} units
        </text>
        <text x={width - plot.right} y={height - 10} textAnchor="end">
          {formatCount(last.units)} units, {formatTime(last.at, zone, false)}
        </text>
      </svg>
      <OnDemand title="The numbers">
        {() => (
          <PlainTable
            label={`Lift of ${name} while units came`}
            rows={points}
            keyOf={({ units }) => String(units)}
            columns={[
              { title: 'Units', numeric: true, cell: ({ units }) => formatCount(units) },
              { title: 'Last began', whole: true, cell: ({ at }) => formatTime(at, zone) },
              { title: 'Lift', numeric: true, cell: ({ estimate }) => format(estimate) },
              {
                title: 'Valid at any time',
                whole: true,
                cell: ({ lower, upper }) => `${format(lower)} … ${format(upper)}`,
              },
            ]}
          />
        )}
      </OnDemand>
    </figure>
  );
}
