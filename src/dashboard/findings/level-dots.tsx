import type { PatternJson } from '../../wire';
import { formatCount, formatNumber } from '../format/format';
import { levelsOf, outcomeEnd } from './levels';
import classes from './findings.module.css';

/** The factor plot of a line: the mean outcome at each level, from 0; filled is with it, the ring without. */
export function LevelDots({ pattern }: { readonly pattern: PatternJson }) {
  const levels = levelsOf(pattern);
  const { with: having, without } = pattern.support;
  const to = outcomeEnd(pattern, levels);
  const text = levels.map(({ name, mean }) => `${name} ${formatNumber(mean)}`).join(', ');
  return (
    <>
      <span className={classes.dots} role="img" aria-label={`Mean ${pattern.dimension}: ${text}`}>
        {levels.map(({ name, mean, own }) =>
          mean === null ? null : (
            <i
              key={name}
              data-own={own || undefined}
              title={`${name}: ${formatNumber(mean)}`}
              style={{ left: `${Math.min(100, (mean / to) * 100)}%` }}
            />
          ),
        )}
      </span>
      <small>
        {formatNumber(having.mean)} of {formatCount(having.n)}, {formatNumber(without.mean)} of{' '}
        {formatCount(without.n)}
      </small>
    </>
  );
}
