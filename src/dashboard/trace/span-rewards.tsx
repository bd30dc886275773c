import { Badge, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { PageJson, RewardJson } from '../../wire';
import { getJson } from '../api/http';
import { Facts } from '../ui/facts';
import { formatNumber } from '../format/format';
import { Time } from '../preferences';
import { Message } from '../ui/message';
import { QueryView } from '../ui/query-view';
import type { ViewSpan } from './trace-model';

/** What was judged of the span's execution, the span itself first. */
export function SpanRewards({
  traceId,
  span,
}: {
  readonly traceId: string;
  readonly span: ViewSpan;
}) {
  const { executionId } = span;
  const params = executionId === null ? { trace_id: traceId } : { execution_id: executionId };
  const query = useQuery({
    queryKey: ['rewards', params],
    queryFn: ({ signal }) => getJson<PageJson<RewardJson>>('/rewards', params, signal),
  });
  return (
    <QueryView
      query={query}
      isEmpty={({ items }) => items.length === 0}
      empty={<Message title="Nobody has judged this run yet" />}
    >
      {({ items }) =>
        items.map((reward) => <RewardFacts key={reward.id} reward={reward} spanId={span.id} />)
      }
    </QueryView>
  );
}

interface RewardFactsProps {
  readonly reward: RewardJson;
  /** The span that is looked at. */
  readonly spanId?: string;
}

const targets = {
  span: 'span',
  execution: 'execution',
  task: 'task',
  trace: 'trace',
  session: 'session',
  query: 'query',
};

export function RewardFacts({ reward, spanId }: RewardFactsProps) {
  const here = reward.target.kind === 'span' && reward.target.span_id === spanId;
  return (
    <section>
      <Group gap={8} mt="sm">
        <Text fw={650} size="sm" className="untrusted">
          {reward.name}:{' '}
          {reward.value === null ? (reward.label ?? '–') : formatNumber(reward.value)}
        </Text>
        {here && <Badge variant="light">this span</Badge>}
        {reward.superseded && (
          <Badge color="gray" variant="outline">
            replaced by a later one
          </Badge>
        )}
      </Group>
      <Facts
        items={[
          ...Object.entries(reward.dimensions).map(
            ([name, value]) => [name, formatNumber(value)] as const,
          ),
          ['Feedback', reward.feedback],
          ['Judged', targets[reward.target.kind]],
          ['By', [reward.source, reward.evaluator].filter(Boolean).join(', ')],
          ['At', <Time key="at" at={reward.timestamp_unix_nano} />],
          [
            'As sent',
            reward.raw_value === reward.value || reward.raw_value === null
              ? null
              : formatNumber(reward.raw_value),
          ],
          ['Replaces', reward.supersedes],
        ]}
      />
    </section>
  );
}
