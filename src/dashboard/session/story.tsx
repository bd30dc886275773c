import { Anchor, Group, List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { PageJson, SpanJson } from '../../wire';
import type { Params } from '../api/http';
import { getJson } from '../api/http';
import { formatCost, formatCount, formatDuration, plural } from '../format/format';
import { ErrorCount } from '../ui/error-count';
import { PlainTable } from '../ui/plain-table';
import { QueryView } from '../ui/query-view';
import { RoleIcon } from '../ui/role-icon';
import { Section } from '../ui/section';
import type { Noticed, Spent, Step } from './read-story';
import { readStory } from './read-story';

interface StoryProps {
  /** Whose spans: `session_id`, or `execution_id`. */
  readonly of: Params;
}

const mostSpans = 1000;

/** A long session from above: first what is worth noticing, then its steps in order, then where time and money went. */
export function StoryOf({ of }: StoryProps) {
  const query = useQuery({
    queryKey: ['/spans', 'story', of],
    queryFn: ({ signal }) =>
      getJson<PageJson<SpanJson>>('/spans', { ...of, limit: mostSpans }, signal),
  });
  return <QueryView query={query}>{(page) => <Told page={page} />}</QueryView>;
}

function Told({ page }: { readonly page: PageJson<SpanJson> }) {
  const { steps, noticed, spent } = useMemo(() => readStory(page.items), [page]);
  return (
    <>
      {page.next_cursor !== null && (
        <Text size="sm" c="var(--warn)" mb="sm">
          It has more than {formatCount(mostSpans)} spans: what follows is of the first ones.
        </Text>
      )}
      <Section title="Worth noticing">
        {noticed.length === 0 && (
          <Text size="sm">No error, no retry, no loop and no wait of a second or more.</Text>
        )}
        <List size="sm" spacing={2}>
          {noticed.map((one, position) => (
            <List.Item key={position}>
              <StepLink step={one.step}>{textOf(one)}</StepLink>
            </List.Item>
          ))}
        </List>
      </Section>
      <Section title="In order" note="Model and tool calls by their start.">
        {steps.length === 0 ? <NoCalls /> : <Steps steps={steps} />}
      </Section>
      <Section
        title="Where time and money went"
        note="Summed over calls; calls side by side count each."
      >
        {spent.length === 0 ? <NoCalls /> : <SpentTable spent={spent} />}
      </Section>
    </>
  );
}

function NoCalls() {
  return <Text size="sm">No call of a model or a tool is stored.</Text>;
}

function textOf({ kind, text, size }: Noticed): string {
  return kind === 'wait' ? `${formatDuration(size)}: ${text}` : text;
}

function StepLink({ step, children }: { readonly step: Step; readonly children: string }) {
  const { trace_id: traceId, span_id: span } = step.span;
  return (
    <Anchor
      size="sm"
      className="untrusted"
      lineClamp={3}
      renderRoot={(props) => (
        <Link to="/traces/$traceId" params={{ traceId }} search={{ span }} {...props} />
      )}
    >
      {children}
    </Anchor>
  );
}

const shownAtFirst = 50;

function Steps({ steps }: { readonly steps: readonly Step[] }) {
  const [all, showAll] = useState(false);
  const shown = all ? steps : steps.slice(0, shownAtFirst);
  return (
    <>
      <PlainTable
        label="Steps in order"
        rows={shown}
        keyOf={({ span }) => `${span.trace_id}${span.span_id}`}
        columns={[
          {
            title: 'After',
            whole: true,
            cell: ({ start }) => (start === 0 ? 'at the start' : formatDuration(start)),
          },
          {
            title: 'Step',
            cell: (step) => (
              <Group gap={6} wrap="nowrap">
                <RoleIcon role={step.span.role} />
                <StepLink step={step}>{step.name}</StepLink>
              </Group>
            ),
          },
          { title: 'Took', numeric: true, cell: (step) => formatDuration(step.end - step.start) },
          {
            title: 'Error',
            cell: ({ span }) => (span.status.code === 2 ? `⚠ ${span.error_type ?? 'error'}` : ''),
          },
        ]}
      />
      {!all && steps.length > shownAtFirst && (
        <Anchor component="button" fz="sm" onClick={() => showAll(true)}>
          Show all {plural(steps.length, 'step')}
        </Anchor>
      )}
    </>
  );
}

function SpentTable({ spent }: { readonly spent: readonly Spent[] }) {
  return (
    <PlainTable
      label="Time and money by tool and model"
      rows={spent}
      keyOf={({ role, name }) => `${role} ${name}`}
      columns={[
        {
          title: 'What',
          cell: ({ role, name }) => (
            <>
              <RoleIcon role={role} /> {name}
            </>
          ),
        },
        { title: 'Calls', numeric: true, cell: (row) => formatCount(row.calls) },
        { title: 'Errors', numeric: true, cell: (row) => <ErrorCount count={row.errors} /> },
        { title: 'Time', numeric: true, cell: (row) => formatDuration(row.time) },
        { title: 'Tokens', numeric: true, cell: (row) => formatCount(row.tokens) },
        { title: 'Cost', numeric: true, cell: (row) => formatCost(row.cost) },
      ]}
    />
  );
}
