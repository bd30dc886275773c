import { Badge, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { TaskDetailJson, TaskMetricsJson } from '../../wire';
import { getJson } from '../api/http';
import { formatCost, formatCount, formatDuration, formatShare } from '../format/format';
import { Time } from '../preferences';
import { SessionLink } from '../session/session-link';
import { StoryOf } from '../session/story';
import { CopyIcon } from '../ui/copy';
import { FactRow } from '../ui/fact-row';
import { FilterLink } from '../ui/filter-link';
import { LongText } from '../ui/long-text';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import { QueryView } from '../ui/query-view';
import { Section } from '../ui/section';
import { StatusBadge } from '../ui/status-badge';
import { JudgedAndLinked } from './judged-and-linked';
import { TaskRuns } from './task-runs';

const route = getRouteApi('/tasks/$taskId');

/** One task: what was asked, how each run of it went, and what was judged. */
export function TaskPage() {
  const { taskId } = route.useParams();
  const search = route.useSearch();
  usePageTitle(`Task ${taskId}`);
  const path = `/tasks/${encodeURIComponent(taskId)}`;
  const task = useQuery({
    queryKey: ['task', taskId],
    queryFn: ({ signal }) => getJson<TaskDetailJson>(path, {}, signal),
  });
  const metrics = useQuery({
    queryKey: ['task', taskId, 'metrics'],
    queryFn: ({ signal }) => getJson<TaskMetricsJson>(`${path}/metrics`, {}, signal),
  });
  return (
    <QueryView page query={task}>
      {(found) => (
        <PageLayout title={found.id} actions={<CopyIcon value={found.id} what="task id" />}>
          <TaskFacts task={found} metrics={metrics.data} />
          {found.input !== null && (
            <Section title="What was asked">
              <LongText text={found.input} />
            </Section>
          )}
          <Section
            title="Runs compared"
            note="Settings that are the same in all runs are left out. Choose two to see where they part."
          >
            <TaskRuns runs={found.items} search={search} />
          </Section>
          {found.items.length === 1 && <StoryOf of={{ execution_id: found.items[0]!.id }} />}
          <JudgedAndLinked taskIds={[taskId]} />
        </PageLayout>
      )}
    </QueryView>
  );
}

interface TaskFactsProps {
  readonly task: TaskDetailJson;
  readonly metrics: TaskMetricsJson | undefined;
}

function TaskFacts({ task, metrics }: TaskFactsProps) {
  const rate = metrics?.success_rate;
  const duration = metrics?.duration_ms;
  return (
    <Group gap="xl" mb="lg">
      <FactRow
        items={[
          ['Status', <StatusBadge key="status" status={task.status} />],
          ['Type', task.type && <FilterLink to="/tasks" name="task_type" value={task.type} />],
          [
            'Agent',
            task.agent_id && <FilterLink to="/tasks" name="agent_id" value={task.agent_id} />,
          ],
          ['Session', task.session_id && <SessionLink sessionId={task.session_id} />],
          ['Created', <Time key="created" at={task.created_at} />],
          ['Runs', formatCount(task.executions)],
          [
            'Success',
            rate &&
              `${formatShare(rate.value)} (${formatShare(rate.interval[0])} to ${formatShare(rate.interval[1])})`,
          ],
          ['Median duration', duration && formatDuration(duration.median * 1e6)],
          ['Cost', metrics && formatCost(metrics.cost_usd)],
        ]}
      />
      {task.tags.map((tag) => (
        <Badge key={tag} variant="default" tt="none">
          <FilterLink to="/tasks" name="tags" value={tag} />
        </Badge>
      ))}
    </Group>
  );
}
