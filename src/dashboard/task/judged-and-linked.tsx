import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { LinkJson, PageJson, RewardJson, TraceSummaryJson } from '../../wire';
import { getJson } from '../api/http';
import { plural } from '../format/format';
import { RewardFacts } from '../trace/span-rewards';
import { PlainTable } from '../ui/plain-table';
import { QueryView } from '../ui/query-view';
import { Section } from '../ui/section';
import { SpanLink } from '../ui/span-link';

interface OfTasks {
  readonly taskIds: readonly string[];
}

/** Of more tasks, and of more traces of a task, neither is read. */
const mostTasks = 20;
const mostTraces = 20;
/** Of one task, or trace. */
const atOnce = 50;

/** What was judged of some tasks, by whom and what replaced it; and how their spans link to others. */
export function JudgedAndLinked({ taskIds }: OfTasks) {
  const read = taskIds.slice(0, mostTasks);
  const left = taskIds.length - read.length;
  const note =
    left > 0 ? `Of the first ${mostTasks} tasks; ${plural(left, 'other')} left out.` : undefined;
  return (
    <>
      <Section title="Rewards" note={note}>
        <Rewards taskIds={read} />
      </Section>
      <Section title="Links" note={note}>
        <Links taskIds={read} />
      </Section>
    </>
  );
}

function Rewards({ taskIds }: OfTasks) {
  const query = useQuery({
    queryKey: ['rewards', 'of tasks', taskIds],
    queryFn: ({ signal }) =>
      allOf(taskIds, (task_id) =>
        getJson<PageJson<RewardJson>>('/rewards', { task_id, limit: atOnce }, signal),
      ),
  });
  return (
    <QueryView
      query={query}
      isEmpty={({ items }) => items.length === 0}
      empty={<Text size="sm">Nobody has judged it yet.</Text>}
    >
      {({ items, isCut }) => (
        <>
          {items.map((reward) => (
            <RewardFacts key={reward.id} reward={reward} />
          ))}
          {isCut && <Text size="sm">The latest {atOnce} of a task; there are more.</Text>}
        </>
      )}
    </QueryView>
  );
}

function Links({ taskIds }: OfTasks) {
  const query = useQuery({
    queryKey: ['/links', 'of tasks', taskIds],
    queryFn: async ({ signal }) => {
      const traces = await allOf(taskIds, (task_id) =>
        getJson<PageJson<TraceSummaryJson>>('/traces', { task_id, limit: mostTraces }, signal),
      );
      const links = await allOf(
        traces.items.slice(0, mostTraces).map(({ trace_id }) => trace_id),
        (trace_id) => getJson<PageJson<LinkJson>>('/links', { trace_id, limit: atOnce }, signal),
      );
      const isCut = links.isCut || traces.isCut || traces.items.length > mostTraces;
      return { items: links.items, isCut };
    },
  });
  return (
    <QueryView
      query={query}
      isEmpty={({ items, isCut }) => items.length === 0 && !isCut}
      empty={<Text size="sm">None of its spans links to another.</Text>}
    >
      {({ items, isCut }) => (
        <>
          <LinkTable links={items} />
          {isCut && (
            <Text size="sm">
              {atOnce} of a trace, and those of the latest {mostTraces} traces; there are more.
            </Text>
          )}
        </>
      )}
    </QueryView>
  );
}

function LinkTable({ links }: { readonly links: readonly LinkJson[] }) {
  return (
    <PlainTable
      label="Links of its spans"
      rows={links.map((link, position) => ({ link, position }))}
      keyOf={({ position }) => String(position)}
      columns={[
        {
          title: 'From span',
          cell: ({ link }) => <ToSpan traceId={link.trace_id} spanId={link.span_id} />,
        },
        { title: 'Says', cell: ({ link }) => link.type.replaceAll('_', ' ') },
        {
          title: 'To span',
          cell: ({ link: { linked_trace_id: traceId, linked_span_id: spanId } }) =>
            traceId === null || spanId === null ? (
              'not found yet'
            ) : (
              <ToSpan traceId={traceId} spanId={spanId} />
            ),
        },
      ]}
    />
  );
}

function ToSpan({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }) {
  return (
    <SpanLink traceId={traceId} spanId={spanId} className="mono">
      {traceId.slice(0, 8)}… / {spanId}
    </SpanLink>
  );
}

interface Gathered<T> {
  readonly items: readonly T[];
  /** A page has another after it. */
  readonly isCut: boolean;
}

async function allOf<T>(
  ids: readonly string[],
  read: (id: string) => Promise<PageJson<T>>,
): Promise<Gathered<T>> {
  const pages = await Promise.all(ids.map(read));
  return {
    items: pages.flatMap(({ items }) => items),
    isCut: pages.some(({ next_cursor }) => next_cursor !== null),
  };
}
