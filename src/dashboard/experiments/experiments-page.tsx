import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ExperimentJson } from '../../wire';
import { getJson } from '../api/http';
import { unknown } from '../format/format';
import { Time } from '../preferences';
import { Message } from '../ui/message';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import { PlainTable } from '../ui/plain-table';
import { QueryView } from '../ui/query-view';
import { metricText, verdictNames } from './describe-experiment';

/** All experiments, the latest first. */
export function ExperimentsPage() {
  usePageTitle('Experiments');
  const query = useQuery({
    queryKey: ['/experiments'],
    queryFn: ({ signal }) =>
      getJson<{ items: readonly ExperimentJson[] }>('/experiments', {}, signal),
  });
  return (
    <PageLayout title="Experiments">
      <QueryView
        query={query}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <Message
            title="No experiment yet"
            detail="Start one with otel-evolution experiment create, evolution.experiments.create() or POST /api/v1/experiments."
          />
        }
      >
        {({ items }) => <Experiments experiments={items.toReversed()} />}
      </QueryView>
    </PageLayout>
  );
}

function Experiments({ experiments }: { readonly experiments: readonly ExperimentJson[] }) {
  return (
    <PlainTable
      label="Experiments"
      rows={experiments}
      keyOf={({ id }) => id}
      columns={[
        {
          title: 'Experiment',
          cell: ({ id, name }) => (
            <Anchor
              size="sm"
              renderRoot={(props) => (
                <Link to="/experiments/$experimentId" params={{ experimentId: id }} {...props} />
              )}
            >
              {name}
            </Anchor>
          ),
        },
        { title: 'Verdict', cell: ({ decision, status }) => verdictNames(status, decision) },
        { title: 'Winner', cell: ({ winner }) => winner ?? unknown },
        { title: 'Metric', cell: (experiment) => metricText(experiment.success_metric) },
        { title: 'Variants', cell: ({ variants }) => variants.map(({ name }) => name).join(', ') },
        { title: 'Started', whole: true, cell: ({ started_at: at }) => <Time at={at} /> },
      ]}
    />
  );
}
