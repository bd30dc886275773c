import { Badge, Group, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { memo } from 'react';
import { documentUrl } from '../api/http';
import { formatCost, formatCount, formatDuration, plural } from '../format/format';
import { Time } from '../preferences';
import { CopyIcon, CopyLink, CopyText } from '../ui/copy';
import { FilterLink } from '../ui/filter-link';
import { ExternalLinks } from './external-links';
import { TaskLink } from './task-link';
import type { TraceModel } from './trace-model';
import { startOf } from './trace-model';
import classes from './trace.module.css';

/** What the trace is, in one line, and ways out of here. */
export const TraceHeader = memo(function TraceHeader({ model }: { readonly model: TraceModel }) {
  const { traceId, forest, totals, origin } = model;
  const root = forest.nodes[forest.roots[0]!]!;
  const { agentId, taskId } = root.span;
  return (
    <header className={classes.header}>
      <Group justify="space-between" gap="xs">
        <Group gap={8} wrap="nowrap" style={{ minWidth: 0 }}>
          <Title order={1} size="h4" className="one-line" title={root.span.name}>
            {root.span.name}
          </Title>
          <Text className="mono one-line" c="dimmed" size="sm" visibleFrom="sm">
            {traceId}
          </Text>
          <CopyIcon value={traceId} what="trace id" />
        </Group>
        <Group gap={6}>
          <ExternalLinks
            traceId={traceId}
            spanId={root.span.id}
            startUnixNano={startOf(model, root.span)}
          />
          <CopyLink />
          <CopyText value={`curl ${documentUrl(`/traces/${traceId}`)}`} what="curl" />
          <CopyText value={`npx otel-evolution traces show ${traceId}`} what="CLI" />
        </Group>
      </Group>
      <Group gap="lg" mt={6}>
        <Fact name="Duration">{formatDuration(forest.end - forest.start)}</Fact>
        <Fact name="Spans">{formatCount(totals.spans)}</Fact>
        <Fact name="Errors" bad={totals.errors > 0}>
          {formatCount(totals.errors)}
        </Fact>
        <Fact name="Tokens in / out">
          {formatCount(totals.inputTokens)} / {formatCount(totals.outputTokens)}
        </Fact>
        <Fact name="Cost">{formatCost(totals.costUsd)}</Fact>
        <Fact name="Started">
          <Time at={origin.toString()} />
        </Fact>
        {agentId !== null && (
          <Fact name="Agent">
            <FilterLink name="agent_id" value={agentId} />
          </Fact>
        )}
        {taskId !== null && (
          <Fact name="Task">
            <TaskLink taskId={taskId} />
          </Fact>
        )}
        <Oddities model={model} />
      </Group>
    </header>
  );
});

function Fact({
  name,
  bad = false,
  children,
}: {
  readonly name: string;
  readonly bad?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div className={classes.fact}>
      <span className={classes.factName}>{name}</span>
      <span className="untrusted" data-bad={bad || undefined}>
        {bad && <IconAlertTriangle size={13} aria-hidden />} {children}
      </span>
    </div>
  );
}

/** What is not as it should be with the spans themselves, said and not hidden. */
function Oddities({ model: { totals } }: { readonly model: TraceModel }) {
  const said = [
    totals.unfinished > 0 && `${plural(totals.unfinished, 'span')} not ended`,
    totals.orphans > 0 && `${plural(totals.orphans, 'span')} without their parent`,
    totals.endBeforeStart > 0 && `${plural(totals.endBeforeStart, 'span')} ended before the start`,
  ].filter((text) => text !== false);
  return said.map((text) => (
    <Badge key={text} variant="outline" color="gray" tt="none" className={classes.oddity}>
      {text}
    </Badge>
  ));
}
