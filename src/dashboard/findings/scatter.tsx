import { useRouter } from '@tanstack/react-router';
import type { PatternJson } from '../../wire';
import { formatNumber, formatShare } from '../format/format';
import { effectText, effectUnit } from './describe-pattern';
import plots from '../ui/plot.module.css';
import classes from './findings.module.css';

const width = 720;
const height = 232;
const left = 46;
const bottom = 34;
const top = 36;

/** Confidence against the size of the effect: what is both sure and large lies upper right. The plot below is its table. */
export function Scatter({ patterns }: { readonly patterns: readonly PatternJson[] }) {
  const router = useRouter();
  const known = patterns.filter(({ effect }) => effect.estimate !== null);
  if (known.length < 3) return null;
  const largest = Math.max(...known.map(({ effect }) => Math.abs(effect.estimate!)));
  const least = Math.min(0.9, ...known.map(({ confidence }) => confidence));
  const x = (pattern: PatternJson): number =>
    left + 12 + (Math.abs(pattern.effect.estimate!) / largest) * (width - left - 40);
  const y = (pattern: PatternJson): number =>
    top + (1 - (pattern.confidence - least) / (1 - least || 1)) * (height - bottom - top - 14);
  return (
    <figure
      className={`${plots.plot} ${plots.wide} ${classes.scatter}`}
      style={{ margin: '0 0 18px' }}
    >
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="group"
        aria-label="Confidence and size of each finding"
      >
        <line
          x1={left}
          y1={height - bottom}
          x2={width - 10}
          y2={height - bottom}
          stroke="var(--line-strong)"
        />
        <line x1={left} y1={top - 12} x2={left} y2={height - bottom} stroke="var(--line-strong)" />
        <text x={(left + width) / 2} y={height - 12} textAnchor="middle">
          size of the effect, {effectUnit(known)} →
        </text>
        <text x={width - 28} y={height - 12} textAnchor="middle">
          {formatNumber(largest * 100)}
        </text>
        <text x={left + 12} y={height - 12} textAnchor="middle">
          0
        </text>
        <text x={left - 6} y={top + 4} textAnchor="end">
          100 %
        </text>
        <text x={left - 6} y={height - bottom - 10} textAnchor="end">
          {formatShare(least)}
        </text>
        <text x={left - 4} y={16}>
          ↑ confidence
        </text>
        {known.map((pattern) => (
          <a
            key={pattern.id}
            href={`/findings/${pattern.id}`}
            aria-label={`${pattern.predicate.text}: ${effectText(pattern)}, confidence ${formatShare(pattern.confidence)}`}
            onClick={(event) => {
              event.preventDefault();
              void router.navigate({
                to: '/findings/$findingId',
                params: { findingId: pattern.id },
              });
            }}
          >
            <title>{`${pattern.predicate.text}: ${effectText(pattern)}`}</title>
            <circle
              cx={x(pattern)}
              cy={y(pattern)}
              r={5 + Math.min(6, Math.log10(1 + pattern.support.with.n))}
              fill={pattern.type === 'anti_pattern' ? 'var(--surface)' : 'var(--good)'}
              stroke={pattern.type === 'anti_pattern' ? 'var(--bad)' : 'var(--good)'}
              strokeWidth={2.5}
            />
          </a>
        ))}
      </svg>
      <figcaption className={classes.legend}>
        Filled: goes with success, or is cheaper or faster. Hollow: goes with failure. Larger: more
        runs.
      </figcaption>
    </figure>
  );
}
