import { Anchor, List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { LookJson, StatsJson } from '../../wire';
import { authorization, getJson } from '../api/http';
import { formatCount, formatNumber } from '../format/format';
import { Time } from '../preferences';
import { FactRow } from '../ui/fact-row';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import { PlainTable } from '../ui/plain-table';
import { QueryView } from '../ui/query-view';
import { Section } from '../ui/section';

/** Whether all is well with the server and its database. */
export function HealthPage() {
  usePageTitle('Health');
  const stats = useQuery({
    queryKey: ['/stats', {}],
    queryFn: ({ signal }) => getJson<StatsJson>('/stats', {}, signal),
  });
  const health = useQuery({ queryKey: ['health'], queryFn: readHealth, refetchInterval: 10_000 });
  const looks = useQuery({
    queryKey: ['/looks'],
    queryFn: ({ signal }) => getJson<{ items: LookJson[] }>('/looks', {}, signal),
  });
  return (
    <PageLayout title="Health">
      <Section title="Server">
        <FactRow items={Object.entries(health.data ?? {})} />
      </Section>
      <Section title="Stored">
        <QueryView query={stats}>
          {({ tasks, executions, spans, links, rewards, tags }) => (
            <FactRow
              items={Object.entries({ tasks, runs: executions, spans, links, rewards, tags }).map(
                ([name, count]) => [name, formatCount(count)],
              )}
            />
          )}
        </QueryView>
      </Section>
      <Section
        title="Looks"
        note="Each look tests everything at a level of its own, so that many looks together find no more by chance than one."
      >
        <QueryView
          query={looks}
          isEmpty={({ items }) => items.length === 0}
          empty={<Text size="sm">No look has been taken yet.</Text>}
        >
          {({ items }) => <Looks looks={items} />}
        </QueryView>
      </Section>
      <Section title="More">
        <List size="sm">
          <List.Item>
            <Anchor href="/metrics">Refused input and request times, for Prometheus</Anchor>
          </List.Item>
          <List.Item>
            <Anchor href="/openapi.json">The API in OpenAPI 3.1</Anchor>
          </List.Item>
          <List.Item>
            Everything else, with what mends it: <code>otel-evolution doctor</code>
          </List.Item>
        </List>
      </Section>
    </PageLayout>
  );
}

function Looks({ looks }: { readonly looks: readonly LookJson[] }) {
  return (
    <PlainTable
      label="Looks"
      rows={looks}
      keyOf={(look) => String(look.number)}
      columns={[
        { title: 'Look', cell: (look) => look.number },
        { title: 'At', cell: (look) => <Time at={look.at} /> },
        { title: 'Runs', numeric: true, cell: (look) => formatCount(look.units) },
        { title: 'Level', numeric: true, cell: (look) => formatNumber(look.alpha) },
        { title: 'Tested', numeric: true, cell: (look) => formatCount(look.tested) },
        { title: 'Found', numeric: true, cell: (look) => formatCount(look.promoted) },
      ]}
    />
  );
}

/** What the server says of itself, and whether its database takes and gives rows. */
async function readHealth(): Promise<Readonly<Record<string, string>>> {
  const [live, ready] = await Promise.all([
    fetch('/healthz'),
    fetch('/readyz', { headers: authorization() }),
  ]);
  const { status: _, ...build } = (await live.json()) as Record<string, unknown>;
  const texts = Object.entries(build).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    server: live.ok ? 'answers' : 'does not answer',
    'reads and writes': ready.ok ? 'yes' : 'no, the database is away',
    ...Object.fromEntries(texts),
  };
}
