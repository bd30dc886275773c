import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { PatternJson } from '../../wire';
import { capitalised, formatCount, plural } from '../format/format';
import { effectText, typeNames } from '../findings/describe-pattern';
import { PatternStatus } from '../findings/pattern-status';
import { predicateWords } from '../findings/predicate-words';
import { Section } from '../ui/section';
import classes from './home.module.css';

/** The surest of what is known, as sentences. */
export function StrongestFindings({
  findings,
}: {
  readonly findings: readonly PatternJson[] | undefined;
}) {
  if (findings === undefined) return null;
  return (
    <Section title="What is known">
      {findings.length === 0 && (
        <Text size="sm">Nothing yet. A finding needs judged runs of tasks that repeat.</Text>
      )}
      {findings.map((pattern) => (
        <div key={pattern.id} className={classes.finding} data-type={pattern.type}>
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link to="/findings/$findingId" params={{ findingId: pattern.id }} {...props} />
            )}
          >
            {capitalised(predicateWords(pattern.predicate.text))}
          </Anchor>{' '}
          {pattern.explanation.wording === 'causes' ? 'causes a change' : typeNames[pattern.type]}:{' '}
          {effectText(pattern)} of {pattern.dimension}, {plural(pattern.support.with.n, 'run')} with
          it and {formatCount(pattern.support.without.n)} without.{' '}
          <PatternStatus status={pattern.status} />
        </div>
      ))}
    </Section>
  );
}
