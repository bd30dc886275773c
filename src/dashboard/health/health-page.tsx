import { Anchor, List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { DiagnosisJson, HealthJson, LookJson, StatsJson } from '../../wire';
import { authorization, getJson } from '../api/http';
import { capitalised, formatBytes, formatCount, formatNumber, plural } from '../format/format';
import { Time } from '../preferences';
import { FactRow } from '../ui/fact-row';
import { Facts } from '../ui/facts';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import { PlainTable } from '../ui/plain-table';
import { QueryView } from '../ui/query-view';
import { Section } from '../ui/section';
import { Checks } from './checks';
import { Refused } from './refused';

/** Whether all is well with the server and its database. */
export function HealthPage() {
  usePageTitle('Health');
  const stats = useQuery({
    queryKey: ['/stats', {}],
    queryFn: ({ signal }) => getJson<StatsJson>('/stats', {}, signal),
  });
  const health = useQuery({ queryKey: ['health'], queryFn: readHealth, refetchInterval: 10_000 });
  const state = useQuery({
    queryKey: ['/health'],
    queryFn: ({ signal }) => getJson<HealthJson>('/health', {}, signal),
    refetchInterval: 10_000,
  });
  const doctor = useQuery({
    queryKey: ['/doctor'],
    queryFn: ({ signal }) => getJson<DiagnosisJson>('/doctor', {}, signal),
    staleTime: 60_000,
  });
  const looks = useQuery({
    queryKey: ['/looks'],
    queryFn: ({ signal }) => getJson<{ items: LookJson[] }>('/looks', {}, signal),
  });
  return (
    <PageLayout title="Health">
      <Section title="Server">
        <FactRow
          items={Object.entries(health.data ?? {}).map(([name, value]) => [
            capitalised(name),
            value,
          ])}
        />
      </Section>
      <Section
        title="Database"
        note="What is stored becomes runs and tasks in the background; what waits there is not in the other pages yet."
      >
        <QueryView query={state}>{(health) => <Database health={health} />}</QueryView>
      </Section>
      <Section title="Stored">
        <QueryView query={stats}>
          {({ tasks, executions, spans, links, rewards, tags }) => (
            <FactRow
              items={Object.entries({ tasks, runs: executions, spans, links, rewards, tags }).map(
                ([name, count]) => [capitalised(name), formatCount(count)],
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
      <Section
        title="Refused input"
        note="Since the server began, the latest first. What can be kept of a request is kept; a record is refused alone."
      >
        <QueryView query={state}>{({ refused }) => <Refused refused={refused} />}</QueryView>
      </Section>
      <Section
        title="Doctor"
        note="What the command otel-evolution doctor looks at, and what mends it."
      >
        <QueryView query={doctor}>{({ checks }) => <Checks checks={checks} />}</QueryView>
      </Section>
      <Section title="More">
        <List size="sm">
          <List.Item>
            <Anchor href="/metrics">All counters and request times, for Prometheus</Anchor>
          </List.Item>
          <List.Item>
            <Anchor href="/openapi.json">The API in OpenAPI 3.1</Anchor>
          </List.Item>
          <List.Item>
            Damage of the database file: <code>otel-evolution doctor --full</code>
          </List.Item>
        </List>
      </Section>
    </PageLayout>
  );
}

function Database({
  health: { database, derivation, retention },
}: {
  readonly health: HealthJson;
}) {
  const { backlog, failed, errors, lease_holder: holder } = derivation;
  const { current, latest } = database.schema;
  return (
    <>
      <Facts
        items={[
          ['Kind', database.dialect === 'sqlite' ? 'SQLite' : 'PostgreSQL'],
          ['Schema', current === latest ? `version ${current}` : `version ${current} of ${latest}`],
          [
            'Size',
            `${formatBytes(database.total_bytes)}, of which ${formatBytes(database.used_bytes)} are used`,
          ],
          ['Waits to be derived', amountText(backlog)],
          ['Could not be derived', amountText(failed)],
          ['Derived by', holder ?? 'nobody at the moment'],
          ['Last run closed', <Time key="close" at={derivation.last_close} />],
          ['Kept', keptText(retention)],
          [
            'Removed by age or size',
            retention.last_run === null ? (
              'nothing so far'
            ) : (
              <>
                {plural(retention.removed_traces, 'trace')},{' '}
                {plural(retention.removed_spans, 'span')}; pruning last ran{' '}
                <Time at={retention.last_run} />
              </>
            ),
          ],
        ]}
      />
      {errors.length > 0 && (
        <PlainTable
          label="What could not be derived"
          rows={errors}
          keyOf={(error) => error.trace_id}
          columns={[
            { title: 'Trace', cell: (error) => <span className="mono">{error.trace_id}</span> },
            { title: 'Why', cell: (error) => error.reason },
          ]}
        />
      )}
    </>
  );
}

/** The limits in force, as `30 days, up to 2.0 GB`. */
function keptText({ max_age_days: days, max_size_bytes: bytes }: HealthJson['retention']): string {
  const limits = [
    ...(days === null ? [] : [`traces of ${plural(days, 'day')}`]),
    ...(bytes === null ? [] : [`up to ${formatBytes(bytes)}`]),
  ];
  if (limits.length === 0) return 'everything: no limit of age or size is set';
  return `${limits.join(', ')}; runs, records and patterns stay`;
}

function amountText({ traces, executions }: HealthJson['derivation']['backlog']): string {
  if (traces + executions === 0) return 'nothing';
  return `${plural(traces, 'trace')}, ${plural(executions, 'run')}`;
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
