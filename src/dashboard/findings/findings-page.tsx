import { Button, Group, NativeSelect, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { PatternPageJson } from '../../wire';
import { getJson } from '../api/http';
import { plural } from '../format/format';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import { QueryView } from '../ui/query-view';
import type { FindingsSearch } from './findings-search';
import { ForestPlot } from './forest-plot';
import classes from './findings.module.css';
import { NoFindings } from './no-findings';
import { ReviewOfFindings } from './review';
import { Scatter } from './scatter';

const route = getRouteApi('/findings');

/** What goes with success or failure, the surest first, as a forest plot of sentences. */
export function FindingsPage() {
  usePageTitle('Findings');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (patch: FindingsSearch): void =>
    void navigate({ search: (before) => ({ ...before, ...patch }) });
  const query = useInfiniteQuery({
    queryKey: ['/patterns', search],
    queryFn: ({ pageParam, signal }) => {
      const { type, status, agent_id, task_type } = search;
      const params = { limit: 50, cursor: pageParam, type, status, agent_id, task_type };
      return getJson<PatternPageJson>('/patterns', params, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    select: ({ pages }) => pages.flatMap((page) => page.patterns),
  });
  const active = Object.values(search).some((value) => value !== undefined);
  const clear = (): void =>
    change({ type: undefined, status: undefined, agent_id: undefined, task_type: undefined });
  return (
    <PageLayout title="Findings">
      <Filters search={search} change={change} />
      <QueryView
        query={query}
        isEmpty={(patterns) => patterns.length === 0}
        empty={<NoFindings />}
        filtered={{ active, clear }}
      >
        {(patterns) => (
          <>
            <Text size="sm" c="dimmed" mb="sm" maw={820}>
              {plural(patterns.length, 'finding')}
              {query.hasNextPage ? ' so far' : ''}. Each compares runs with each other only where
              they are alike; a word says how far it has been tested. “Goes with” is not “causes”.
            </Text>
            <Scatter patterns={patterns} />
            <ForestPlot patterns={patterns} />
            {query.hasNextPage && (
              <Button variant="default" mt="md" onClick={() => void query.fetchNextPage()}>
                Show more
              </Button>
            )}
          </>
        )}
      </QueryView>
      <div className={classes.review}>
        <ReviewOfFindings agentId={search.agent_id} />
      </div>
    </PageLayout>
  );
}

interface FiltersProps {
  readonly search: FindingsSearch;
  readonly change: (patch: FindingsSearch) => void;
}

function Filters({ search, change }: FiltersProps) {
  return (
    <Group gap="sm" mb="sm">
      <NativeSelect
        size="xs"
        aria-label="Kind of finding"
        value={search.type ?? ''}
        data={[
          { value: '', label: 'Any kind' },
          { value: 'success', label: 'Goes with success' },
          { value: 'anti_pattern', label: 'Goes with failure' },
          { value: 'optimization', label: 'Cheaper or faster' },
        ]}
        onChange={(event) =>
          change({ type: (event.currentTarget.value || undefined) as FindingsSearch['type'] })
        }
      />
      <NativeSelect
        size="xs"
        aria-label="Status"
        value={search.status ?? ''}
        data={[
          { value: '', label: 'Any status that holds' },
          'observed',
          'confirmed',
          'causal',
          'imported',
          'demoted',
        ]}
        onChange={(event) =>
          change({ status: (event.currentTarget.value || undefined) as FindingsSearch['status'] })
        }
      />
    </Group>
  );
}
