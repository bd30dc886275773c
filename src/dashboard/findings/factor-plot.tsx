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

/** Mean outcome per level of what the finding is about, on one axis from 0 to 1, with its numbers. */
export function FactorPlot({ pattern }: { readonly pattern: PatternJson }) {
  return (
    <div className={classes.levels}>
      {levelsOf(pattern).map(({ name, n, mean, interval }) => (
        <Fragment key={name}>
          <span className="untrusted">{name}</span>
          <IntervalPlot
            estimate={mean}
            interval={interval}
            from={0}
            to={1}
            label={`${name}: ${formatNumber(mean)}`}
          />
          <span>
            {formatNumber(mean)} over {plural(n, 'run')}
          </span>
        </Fragment>
      ))}
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
