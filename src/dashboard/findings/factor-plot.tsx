import { Fragment } from 'react';
import type { PatternJson } from '../../wire';
import { formatNumber, plural } from '../format/format';
import { IntervalPlot } from '../ui/interval-plot';
import { levelsOf, outcomeEnd } from './levels';
import classes from './findings.module.css';

/** Mean outcome per level of what the finding is about, on one axis from 0, with its numbers; to 1, or to the most that it costs. */
export function FactorPlot({ pattern }: { readonly pattern: PatternJson }) {
  const levels = levelsOf(pattern);
  const to = outcomeEnd(pattern, levels);
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
