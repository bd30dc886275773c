import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { PatternJson } from '../../wire';
import { PatternStatus } from '../findings/pattern-status';
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
          {pattern.explanation.reason} <PatternStatus status={pattern.status} />{' '}
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link to="/findings/$findingId" params={{ findingId: pattern.id }} {...props} />
            )}
          >
            Why: {pattern.predicate.text}
          </Anchor>
        </div>
      ))}
    </Section>
  );
}
