import { Anchor, Badge, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { documentUrl } from '../api/http';
import { formatCost, formatCount, formatDuration, formatShare } from '../format/format';
import { Time } from '../preferences';
import { selfTime } from '../trace-layout/aggregate';
import { CopyText } from '../ui/copy';
import { Facts } from '../ui/facts';
import { FilterLink } from '../ui/filter-link';
import { roleName } from '../ui/role-icon';
import type { FilterKey } from '../url/list-filter';
import { ExternalLinks } from './external-links';
import { TaskLink } from './task-link';
import type { TraceModel } from './trace-model';
import { startOf } from './trace-model';
import type { TraceView } from './use-trace-view';

interface Props {
  readonly model: TraceModel;
  readonly view: TraceView;
  readonly index: number;
}

export function SpanSummary({ model, view, index }: Props) {
  const { forest, traceId } = model;
  const node = forest.nodes[index]!;
  const { span } = node;
  const length = node.end - node.start;
  const parent = node.parent === -1 ? null : forest.nodes[node.parent]!.span;
  const tokens = span.inputTokens !== null || span.outputTokens !== null;
  return (
    <>
      {span.error && (
        <Text
          size="sm"
          mb="xs"
          p={8}
          bg="var(--bad-soft)"
          className="untrusted"
          style={{ borderRadius: 8 }}
        >
          <IconAlertTriangle size={14} aria-hidden /> {span.errorType ?? 'Error'}
          {span.message !== null && `: ${span.message}`}
        </Text>
      )}
      <Group gap={6} mb="xs">
        <Button
          variant="default"
          size="compact-xs"
          onClick={() => view.change({ focus: span.id, t0: undefined, t1: undefined })}
        >
          Focus on subtree
        </Button>
        <CopyText
          value={`${window.location.origin}/traces/${traceId}?span=${span.id}`}
          what="Link"
        />
        <CopyText value={`curl ${documentUrl(`/spans/${traceId}:${span.id}`)}`} what="curl" />
        <CopyText value={`npx otel-evolution spans show ${traceId}:${span.id}`} what="CLI" />
        <ExternalLinks traceId={traceId} spanId={span.id} startUnixNano={startOf(model, span)} />
      </Group>
      <Facts
        items={[
          ['Role', filtered('role', span.role, roleName(span.role))],
          ['Duration', node.unfinished ? 'not ended' : formatDuration(length)],
          ['Own time', formatDuration(selfTime(forest, index))],
          ['Of the trace', formatShare(length / Math.max(1, forest.end - forest.start))],
          ['Starts', `${formatDuration(node.start)} after the trace`],
          ['At', <Time key="at" at={startOf(model, span)} />],
          ['Tool', filtered('tool', span.tool)],
          ['Model', filtered('model', span.model)],
          [
            'Tokens in / out',
            tokens ? `${formatCount(span.inputTokens)} / ${formatCount(span.outputTokens)}` : null,
          ],
          ['Cost', span.costUsd === null ? null : formatCost(span.costUsd)],
          ['Children', node.children.length === 0 ? null : formatCount(node.children.length)],
          ['Parent', parent && <Jump view={view} spanId={parent.id} name={parent.name} />],
          ['Parent missing', node.orphan ? span.parentId : null],
          ['Same arguments', span.argumentsHash],
          ['Agent', filtered('agent_id', span.agentId)],
          ['Task', span.taskId === null ? null : <TaskLink key="task" taskId={span.taskId} />],
          ['Execution', filtered('execution_id', span.executionId)],
          [
            'Span',
            <span key="id" className="mono">
              {span.id}
            </span>,
          ],
          ['Tags', span.tags.length === 0 ? null : <Tags key="tags" tags={span.tags} />],
        ]}
      />
    </>
  );
}

function Jump({
  view,
  spanId,
  name,
}: {
  readonly view: TraceView;
  readonly spanId: string;
  readonly name: string;
}) {
  return (
    <Anchor component="button" size="sm" onClick={() => view.change({ span: spanId })}>
      {name}
    </Anchor>
  );
}

function filtered(name: FilterKey, value: string | null, text?: string) {
  return value === null ? null : (
    <FilterLink key={name} name={name} value={value}>
      {text ?? value}
    </FilterLink>
  );
}

function Tags({ tags }: { readonly tags: readonly string[] }) {
  return tags.map((tag) => (
    <Badge key={tag} variant="default" tt="none" mr={4} maw="100%">
      <FilterLink name="tags" value={tag} />
    </Badge>
  ));
}
