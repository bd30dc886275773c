import { Fragment } from 'react';
import type { PatternJson } from '../../wire';
import { formatNumber, plural } from '../format/format';
import { IntervalPlot } from '../ui/interval-plot';
import classes from './findings.module.css';

interface Level {
  readonly name: string;
  readonly n: number;
  readonly mean: number | null;
  readonly interval: readonly [number, number] | null;
}

/** Mean outcome per level of what the finding is about, on one axis from 0, with its numbers; to 1, or to the most that it costs. */
export function FactorPlot({ pattern }: { readonly pattern: PatternJson }) {
  const levels = levelsOf(pattern);
  const ends = levels.flatMap(({ mean, interval }) => [mean ?? 0, interval?.[1] ?? 0]);
  const to = pattern.effect.measure === 'relative_change' ? 1.1 * Math.max(...ends) : 1;
  return (
    <div className={classes.levels}>
      {levels.map(({ name, n, mean, interval }) => (
        <Fragment key={name}>
          <span className="untrusted">{name}</span>
          <IntervalPlot
            estimate={mean}
            interval={interval}
            from={0}
            to={to}
            label={`${name}: ${formatNumber(mean)}`}
          />
          <span>
            {formatNumber(mean)} over {plural(n, 'run')}
          </span>
        </Fragment>
      ))}
      <span />
      <div className={classes.axis} aria-hidden>
        <span>0</span>
        <span>{formatNumber(to)}</span>
      </div>
    </div>
  );
}

function levelsOf({ finding, support }: PatternJson): readonly Level[] {
  if (finding !== null && finding.levels.length > 1) {
    return finding.levels.map(({ value, ...rest }) => {
      return { ...rest, name: typeof value === 'string' ? value : JSON.stringify(value) };
    });
  }
  return [
    { name: 'with it', ...support.with, interval: null },
    { name: 'without it', ...support.without, interval: null },
  ];
}
