import { Box } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ExecutionJson, PageJson } from '../../wire';
import { getJson } from '../api/http';
import { formatCost, formatCount } from '../format/format';
import { JudgedAndLinked } from '../task/judged-and-linked';
import { TaskRuns } from '../task/task-runs';
import { CopyIcon } from '../ui/copy';
import { FactRow } from '../ui/fact-row';
import { FilterLink } from '../ui/filter-link';
import { Message } from '../ui/message';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import { QueryView } from '../ui/query-view';
import { Section } from '../ui/section';
import { StoryOf } from './story';

const route = getRouteApi('/sessions/$sessionId');

/** One session: everything that ran in it, what is worth noticing first. */
export function SessionPage() {
  const { sessionId } = route.useParams();
  const search = route.useSearch();
  usePageTitle(`Session ${sessionId}`);
  const query = useQuery({
    queryKey: ['/executions', 'of session', sessionId],
    queryFn: ({ signal }) =>
      getJson<PageJson<ExecutionJson>>(
        '/executions',
        { session_id: sessionId, limit: 200 },
        signal,
      ),
  });
  return (
    <QueryView
      page
      query={query}
      isEmpty={({ items }) => items.length === 0}
      empty={<Message page title="No run of this session is stored" detail={sessionId} />}
    >
      {({ items, next_cursor: more }) => (
        <PageLayout
          title={`Session ${sessionId}`}
          actions={<CopyIcon value={sessionId} what="session id" />}
        >
          <Box mb="lg">
            <Facts runs={items} more={more !== null} sessionId={sessionId} />
          </Box>
          <StoryOf of={{ session_id: sessionId }} />
          <Section title="Its runs" note="Choose two to see where they part.">
            <TaskRuns runs={items} search={search} />
          </Section>
          <JudgedAndLinked taskIds={[...new Set(items.map(({ task_id: task }) => task))]} />
        </PageLayout>
      )}
    </QueryView>
  );
}

interface FactsProps {
  readonly runs: readonly ExecutionJson[];
  readonly more: boolean;
  readonly sessionId: string;
}

function Facts({ runs, more, sessionId }: FactsProps) {
  const judged = runs.filter(({ success }) => success !== null);
  const costs = runs.flatMap(({ cost_usd: cost }) => (cost === null ? [] : [cost]));
  const tasks = new Set(runs.map(({ task_id: task }) => task));
  return (
    <FactRow
      items={[
        [
          'Runs',
          <FilterLink key="runs" name="session_id" value={sessionId}>
            {`${formatCount(runs.length)}${more ? ' and more' : ''}`}
          </FilterLink>,
        ],
        ['Tasks', formatCount(tasks.size)],
        [
          'Success',
          judged.length === 0
            ? null
            : `${judged.filter(({ success }) => success).length} of ${judged.length} judged`,
        ],
        ['Errors', formatCount(runs.reduce((sum, { errors }) => sum + errors, 0))],
        [
          'Cost',
          costs.length === 0 ? null : formatCost(costs.reduce((sum, cost) => sum + cost, 0)),
        ],
      ]}
    />
  );
}
