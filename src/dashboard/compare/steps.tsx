import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { SpanJson } from '../../wire';
import { formatDuration } from '../format/format';
import { RoleIcon } from '../ui/role-icon';
import { Section } from '../ui/section';
import { alignSteps } from './align-steps';
import type { ComparedRun } from './compared-run';
import classes from './steps.module.css';

/** The steps of both runs, the same ones side by side. */
export function Steps({ a, b }: { readonly a: ComparedRun; readonly b: ComparedRun }) {
  const lines = useMemo(() => alignSteps(a.steps.map(nameOf), b.steps.map(nameOf)), [a, b]);
  const parting = lines.findIndex((line) => line.a === null || line.b === null);
  const first = lines[parting];
  const said =
    first === undefined
      ? 'Both runs took the same steps in the same order.'
      : `They part at step ${parting + 1}: only ${first.a === null ? 'B' : 'A'} did ${nameOf((first.a === null ? b.steps[first.b!] : a.steps[first.a])!)}.`;
  return (
    <Section title="Step by step" note={said}>
      <div className={classes.grid} role="table" aria-label="Steps of both runs">
        <div role="row" className={classes.line} data-head>
          <Text role="columnheader" size="sm" fw={600}>
            A
          </Text>
          <Text role="columnheader" size="sm" fw={600}>
            B
          </Text>
        </div>
        {lines.map((line, position) => (
          <div
            key={position}
            role="row"
            className={classes.line}
            data-alone={line.a === null || line.b === null || undefined}
            data-parting={position === parting || undefined}
          >
            <Step span={line.a === null ? undefined : a.steps[line.a]} />
            <Step span={line.b === null ? undefined : b.steps[line.b]} />
          </div>
        ))}
      </div>
    </Section>
  );
}

/** A tool by its name; a model call is a model call, whatever model. */
function nameOf(span: SpanJson): string {
  return span.tool ?? (span.role === 'llm' ? 'model call' : span.name);
}

function Step({ span }: { readonly span: SpanJson | undefined }) {
  if (span === undefined) {
    return (
      <span role="cell" className={classes.none}>
        –
      </span>
    );
  }
  const { start_time_unix_nano: start, end_time_unix_nano: end } = span;
  return (
    <span role="cell" className={classes.step}>
      <RoleIcon role={span.role} />
      <Link
        to="/traces/$traceId"
        params={{ traceId: span.trace_id }}
        search={{ span: span.span_id }}
        className="one-line"
      >
        {nameOf(span)}
      </Link>
      {span.status.code === 2 && (
        <span className={classes.error}>⚠ {span.error_type ?? 'error'}</span>
      )}
      <span className={classes.time}>
        {formatDuration(end === null ? null : Number(BigInt(end) - BigInt(start)))}
      </span>
    </span>
  );
}
