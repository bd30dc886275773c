import { Link } from '@tanstack/react-router';
import type { PatternJson } from '../../wire';
import { capitalised, formatPoints, formatPValue } from '../format/format';
import { IntervalPlot } from '../ui/interval-plot';
import { effectAxis, effectText, effectUnit, typeNames } from './describe-pattern';
import { LevelDots } from './level-dots';
import { PatternStatus } from './pattern-status';
import { predicateWords } from './predicate-words';
import classes from './findings.module.css';

/** A line a finding, all on one axis; the numbers of the picture stand in the same line. */
export function ForestPlot({ patterns }: { readonly patterns: readonly PatternJson[] }) {
  const axis = effectAxis(patterns);
  const unit = effectUnit(patterns);
  return (
    <div className={classes.forest} role="table" aria-label="Findings">
      <div role="row" className={classes.head}>
        <span role="columnheader">Finding</span>
        <span role="columnheader">Status</span>
        <span role="columnheader">Mean outcome with it ◆ and without ○</span>
        <span role="columnheader" className={`${classes.axis} ${classes.named}`}>
          <span>effect, {unit}</span>
          <span>{endText(axis.from)}</span>
          <span>{endText(axis.to)}</span>
        </span>
        <span role="columnheader">Estimate and interval</span>
        <span role="columnheader">q</span>
      </div>
      {patterns.map((pattern) => (
        <div role="row" key={pattern.id} className={classes.line}>
          <span role="cell" className={classes.what}>
            <Link to="/findings/$findingId" params={{ findingId: pattern.id }}>
              {capitalised(predicateWords(pattern.predicate.text))}
            </Link>
            <small className="untrusted">
              {typeNames[pattern.type]} · {pattern.dimension} ·{' '}
              <code>{pattern.predicate.text}</code>
            </small>
          </span>
          <span role="cell">
            <PatternStatus status={pattern.status} />
          </span>
          <span role="cell" className={classes.outcome}>
            <LevelDots pattern={pattern} />
          </span>
          <span role="cell">
            <IntervalPlot
              estimate={pattern.effect.estimate}
              interval={pattern.effect.interval}
              {...axis}
              zero={0}
              label={effectText(pattern)}
            />
          </span>
          <span role="cell">{effectText(pattern)}</span>
          <span role="cell">{formatPValue(pattern.test.q_value)}</span>
        </div>
      ))}
    </div>
  );
}

/** An end of the axis, whose unit is written once. */
function endText(end: number): string {
  return formatPoints(end).replace(/\.\d pp$/, '');
}
