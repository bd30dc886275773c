import { Anchor, List, SegmentedControl, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { PatternPageJson, StatsJson } from '../../wire';
import { getJson } from '../api/http';
import { predicateWords } from '../findings/predicate-words';
import { formatCount, plural } from '../format/format';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import { QueryView } from '../ui/query-view';
import { Section } from '../ui/section';
import { AgentCard } from './agent-card';
import { attention } from './describe-agent';
import { FirstSteps } from './first-steps';
import type { HomeSearch } from './home-search';
import { StrongestFindings } from './strongest-findings';
import classes from './home.module.css';

const route = getRouteApi('/');

const dayMillis = 86_400_000;

/** In words: how each agent does, what is known, what needs attention, and what to do next. */
export function HomePage() {
  usePageTitle('Home');
  const { days } = route.useSearch();
  const navigate = route.useNavigate();
  const now = useStats(days, 0);
  const before = useStats(days, 1);
  const findings = useQuery({
    queryKey: ['/patterns', 'strongest'],
    queryFn: ({ signal }) => getJson<PatternPageJson>('/patterns', { limit: 3 }, signal),
  });
  const lost = useQuery({
    queryKey: ['/patterns', 'lost'],
    queryFn: ({ signal }) =>
      getJson<PatternPageJson>('/patterns', { status: 'demoted', limit: 3 }, signal),
  });
  return (
    <QueryView page query={now} isEmpty={(stats) => stats.spans === 0} empty={<FirstSteps />}>
      {(stats) => (
        <PageLayout
          title="How your agents do"
          actions={
            <SegmentedControl
              size="xs"
              aria-label="Time"
              value={days ?? 'all'}
              data={[
                { value: '1', label: 'Last day' },
                { value: '7', label: '7 days' },
                { value: '30', label: '30 days' },
                { value: 'all', label: 'All time' },
              ]}
              onChange={(chosen) =>
                void navigate({
                  search: { days: chosen === 'all' ? undefined : (chosen as HomeSearch['days']) },
                })
              }
            />
          }
        >
          <div className={classes.columns}>
            <div>
              <Overview
                stats={stats}
                before={days === undefined ? undefined : before.data}
                days={days}
              />
            </div>
            <aside aria-label="What is known, and what to do">
              <StrongestFindings findings={findings.data?.patterns} />
              <Next
                stats={stats}
                findings={findings.data?.patterns.length}
                lost={lost.data?.patterns ?? []}
              />
            </aside>
          </div>
        </PageLayout>
      )}
    </QueryView>
  );
}

/** Figures of the last so many days, or of the same time before them. */
function useStats(days: HomeSearch['days'], periodsAgo: 0 | 1) {
  // To the minute, so that the question stays the same while the page is looked at.
  const [end] = useState(() => Math.floor(Date.now() / 60_000) * 60_000);
  const length = Number(days ?? 0) * dayMillis;
  const range =
    days === undefined
      ? {}
      : {
          start_time: new Date(end - length * (periodsAgo + 1)).toISOString(),
          ...(periodsAgo === 0 ? {} : { end_time: new Date(end - length).toISOString() }),
        };
  return useQuery({
    queryKey: ['/stats', range],
    queryFn: ({ signal }) => getJson<StatsJson>('/stats', range, signal),
    enabled: periodsAgo === 0 || days !== undefined,
    placeholderData: keepPreviousData,
    // An empty database is waited on until its first span; whether it is still there shows on a page that nobody touches.
    refetchInterval: ({ state }) =>
      state.error !== null || state.data?.spans === 0 ? 2_000 : 30_000,
  });
}

interface OverviewProps {
  readonly stats: StatsJson;
  readonly before: StatsJson | undefined;
  readonly days: HomeSearch['days'];
}

function Overview({ stats, before, days }: OverviewProps) {
  const agents = stats.agents
    .filter(({ executions }) => executions > 0)
    .toSorted((a, b) => b.executions - a.executions);
  const idle = stats.agents.length - agents.length;
  return (
    <>
      <Text size="sm" c="dimmed" mb="md">
        {plural(stats.tasks, 'task')}, {plural(stats.executions, 'run')},{' '}
        {plural(stats.spans, 'span')} and {plural(stats.rewards, 'reward')} are stored, of{' '}
        {plural(stats.agents.length, 'agent')}.
        {days !== undefined &&
          ` Below: the last ${days === '1' ? 'day' : `${days} days`}, each figure against the same time before.`}
      </Text>
      <div className={classes.cards}>
        {agents.slice(0, 12).map((row) => (
          <AgentCard
            key={row.agent_id ?? ''}
            row={row}
            before={before?.agents.find((other) => other.agent_id === row.agent_id)}
          />
        ))}
      </div>
      {idle > 0 && (
        <Text size="sm" mb="md">
          {plural(idle, 'agent')} did not run in this time.
        </Text>
      )}
      {agents.length > 12 && (
        <Text size="sm" mb="md">
          And {formatCount(agents.length - 12)} more agents that ran less; the tasks show them all.
        </Text>
      )}
    </>
  );
}

interface NextProps {
  readonly stats: StatsJson;
  readonly findings: number | undefined;
  /** Findings that no longer hold. */
  readonly lost: PatternPageJson['patterns'];
}

function Next({ stats, findings, lost }: NextProps) {
  const noLonger = lost.map(
    ({ predicate }) =>
      `It no longer holds that runs differ where ${predicateWords(predicate.text)}.`,
  );
  const said = [...attention(stats), ...noLonger];
  return (
    <>
      <Section title="Needs attention">
        {said.length === 0 && <Text size="sm">Nothing.</Text>}
        <List size="sm" spacing={4}>
          {said.slice(0, 6).map((text) => (
            <List.Item key={text} className={`${classes.said} untrusted`}>
              {text}
            </List.Item>
          ))}
        </List>
        {said.length > 6 && <Text size="sm">And {said.length - 6} more.</Text>}
      </Section>
      <Section title="Next">
        <List size="sm" spacing={4}>
          {stats.rewards === 0 && (
            <List.Item>
              Say how runs went: <code>linkReward(span, {'{ value: 1 }'})</code>, or POST
              /api/v1/rewards.
            </List.Item>
          )}
          {stats.rewards > 0 && findings === 0 && (
            <List.Item>
              Look for findings: <code>otel-evolution learn</code>
            </List.Item>
          )}
          {findings !== undefined && findings > 0 && (
            <List.Item>
              <Anchor size="sm" renderRoot={(props) => <Link to="/findings" {...props} />}>
                Read all findings
              </Anchor>{' '}
              and try what can be changed.
            </List.Item>
          )}
          <List.Item>
            <Anchor size="sm" renderRoot={(props) => <Link to="/differences" {...props} />}>
              See what failed runs have in common
            </Anchor>
          </List.Item>
        </List>
      </Section>
    </>
  );
}
