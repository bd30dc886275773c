import { Anchor, List } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate, getRouteApi } from '@tanstack/react-router';
import type { PageJson, TraceSummaryJson } from '../../wire';
import { getJson } from '../api/http';
import { plural } from '../format/format';
import { Message } from '../ui/message';
import { PageLayout } from '../ui/page-layout';
import { QueryView } from '../ui/query-view';

const route = getRouteApi('/executions/$executionId');

/** A run is seen as its trace; one with several lets people choose. */
export function ExecutionPage() {
  const { executionId } = route.useParams();
  const query = useQuery({
    queryKey: ['/traces', 'of execution', executionId],
    queryFn: ({ signal }) =>
      getJson<PageJson<TraceSummaryJson>>('/traces', { execution_id: executionId }, signal),
  });
  return (
    <QueryView
      page
      query={query}
      isEmpty={({ items }) => items.length === 0}
      empty={<Message page title="No trace of this run is stored" detail={executionId} />}
    >
      {({ items }) => <Traces items={items} executionId={executionId} />}
    </QueryView>
  );
}

interface TracesProps {
  readonly items: readonly TraceSummaryJson[];
  readonly executionId: string;
}

function Traces({ items, executionId }: TracesProps) {
  if (items.length === 1) {
    return <Navigate to="/traces/$traceId" params={{ traceId: items[0]!.trace_id }} replace />;
  }
  return (
    <PageLayout title={`Run ${executionId}: ${plural(items.length, 'trace')}`}>
      <List>
        {items.map((trace) => (
          <List.Item key={trace.trace_id}>
            <Anchor
              renderRoot={(props) => (
                <Link to="/traces/$traceId" params={{ traceId: trace.trace_id }} {...props} />
              )}
            >
              {trace.root_name ?? trace.trace_id}, {plural(trace.spans, 'span')}
            </Anchor>
          </List.Item>
        ))}
      </List>
    </PageLayout>
  );
}
