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
import type { TraceView } from './use-trace-view';

interface Props {
  readonly model: TraceModel;
  readonly view: TraceView;
  readonly index: number;
}

export function SpanSummary({ model, view, index }: Props) {
  const { forest, traceId } = model;
  const node = forest.nodes[index]!;
  const { json } = node.span;
  const length = node.end - node.start;
  const parent = node.parent === -1 ? null : forest.nodes[node.parent]!.span;
  const tokens = json.input_tokens !== null || json.output_tokens !== null;
  return (
    <>
      {node.span.error && (
        <Text
          size="sm"
          mb="xs"
          p={8}
          bg="var(--bad-soft)"
          className="untrusted"
          style={{ borderRadius: 8 }}
        >
          <IconAlertTriangle size={14} aria-hidden /> {json.error_type ?? 'Error'}
          {json.status.message !== null && `: ${json.status.message}`}
        </Text>
      )}
      <Group gap={6} mb="xs">
        <Button
          variant="default"
          size="compact-xs"
          onClick={() => view.change({ focus: json.span_id, t0: undefined, t1: undefined })}
        >
          Focus on subtree
        </Button>
        <CopyText
          value={`${window.location.origin}/traces/${traceId}?span=${json.span_id}`}
          what="Link"
        />
        <CopyText value={`curl ${documentUrl(`/spans/${traceId}:${json.span_id}`)}`} what="curl" />
        <CopyText value={`npx otel-evolution spans show ${traceId}:${json.span_id}`} what="CLI" />
        <ExternalLinks
          traceId={traceId}
          spanId={json.span_id}
          startUnixNano={json.start_time_unix_nano}
        />
      </Group>
      <Facts
        items={[
          ['Role', filtered('role', json.role, roleName(json.role))],
          ['Duration', node.unfinished ? 'not ended' : formatDuration(length)],
          ['Own time', formatDuration(selfTime(forest, index))],
          ['Of the trace', formatShare(length / Math.max(1, forest.end - forest.start))],
          ['Starts', `${formatDuration(node.start)} after the trace`],
          ['At', <Time key="at" at={json.start_time_unix_nano} />],
          ['Tool', filtered('tool', json.tool)],
          ['Model', filtered('model', json.model)],
          [
            'Tokens in / out',
            tokens
              ? `${formatCount(json.input_tokens)} / ${formatCount(json.output_tokens)}`
              : null,
          ],
          ['Cost', json.cost_usd === null ? null : formatCost(json.cost_usd)],
          ['Children', node.children.length === 0 ? null : formatCount(node.children.length)],
          ['Parent', parent && <Jump view={view} spanId={parent.id} name={parent.name} />],
          ['Parent missing', node.orphan ? node.span.parentId : null],
          ['Same arguments', json.tool_arguments_hash],
          ['Agent', filtered('agent_id', json.agent_id)],
          ['Task', json.task_id === null ? null : <TaskLink key="task" taskId={json.task_id} />],
          ['Execution', filtered('execution_id', json.execution_id)],
          [
            'Span',
            <span key="id" className="mono">
              {json.span_id}
            </span>,
          ],
          ['Tags', json.tags.length === 0 ? null : <Tags key="tags" tags={json.tags} />],
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
