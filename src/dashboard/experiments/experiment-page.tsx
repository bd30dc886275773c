import { Alert, Group, Progress, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { AuditEntryJson, ExperimentAnalysisJson, ExperimentJson } from '../../wire';
import { documentUrl, getJson } from '../api/http';
import {
  capitalised,
  formatChange,
  formatCount,
  formatEvidence,
  formatNumber,
  formatPoints,
  formatPValue,
  formatShare,
  unknown,
} from '../format/format';
import { Time } from '../preferences';
import { AuditTrail } from '../ui/audit-trail';
import { CopyLink, CopyText } from '../ui/copy';
import { FactRow } from '../ui/fact-row';
import { IntervalPlot } from '../ui/interval-plot';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import { PlainTable } from '../ui/plain-table';
import { QueryView } from '../ui/query-view';
import { Section } from '../ui/section';
import { StepButton } from '../ui/step-button';
import {
  differenceFormat,
  isLessBetter,
  liftAxis,
  liftText,
  metricText,
  verdictNames,
} from './describe-experiment';
import { EffectOverTime } from './effect-chart';

const route = getRouteApi('/experiments/$experimentId');

interface Read {
  readonly experiment: ExperimentJson;
  readonly results: ExperimentAnalysisJson;
  readonly history: readonly AuditEntryJson[];
}

/** One experiment: the verdict, then what it rests on. */
export function ExperimentPage() {
  const { experimentId } = route.useParams();
  usePageTitle('Experiment');
  const path = `/experiments/${encodeURIComponent(experimentId)}`;
  const query = useQuery({
    queryKey: ['/experiments', experimentId],
    queryFn: async ({ signal }): Promise<Read> => {
      // The results first: a decision that falls by reading them is part of the other two.
      const results = await getJson<ExperimentAnalysisJson>(`${path}/results`, {}, signal);
      const [experiment, { items }] = await Promise.all([
        getJson<ExperimentJson>(path, {}, signal),
        getJson<{ items: readonly AuditEntryJson[] }>(`${path}/history`, {}, signal),
      ]);
      return { experiment, results, history: items };
    },
  });
  return (
    <QueryView page query={query}>
      {(read) => <Experiment {...read} path={path} />}
    </QueryView>
  );
}

function Experiment({ experiment, results, history, path }: Read & { readonly path: string }) {
  return (
    <PageLayout
      title={experiment.name}
      actions={
        <Group gap={6}>
          <CopyLink />
          <CopyText value={documentUrl(`${path}/results`)} what="API" />
          {experiment.winner !== null && !experiment.roll_out_winner && (
            <StepButton
              title="Roll out"
              consequence={`Everybody gets ${experiment.winner}, at once; until now all get the control.`}
              path={`${path}/roll-out`}
              asksWhy
            />
          )}
          {experiment.status === 'running' && (
            <StepButton
              title="Stop"
              consequence="It ends without a decision, and everybody gets the control."
              path={`${path}/stop`}
              asksWhy
              danger
            />
          )}
        </Group>
      }
    >
      <Text size="lg" maw={860} mb="md" className="untrusted">
        {capitalised(verdictNames(experiment.status, results.decision))}: {results.reason}.
      </Text>
      <Warnings results={results} />
      <Section
        title="Against the control"
        note={`Difference in ${metricText(experiment.success_metric)}, 95 % interval at this moment, beside it the one that is valid whenever one looks. The decision follows the e-value, from another bound, and may disagree at the edge.`}
      >
        <Variants results={results} />
      </Section>
      <EffectOverTime results={results} />
      {experiment.status === 'running' && (
        <Section title="Progress">
          <Reached experiment={experiment} results={results} />
        </Section>
      )}
      <Guardrails experiment={experiment} results={results} />
      <Section title="How it is assigned">
        <FactRow
          items={[
            ['Unit', experiment.unit],
            ['Shares', experiment.traffic_split.map((share) => formatShare(share)).join(' / ')],
            ['Flag key', experiment.key],
            ['Sample ratio', sampleRatioText(results)],
            ['Started', <Time key="started" at={experiment.started_at} />],
            [
              'Decided',
              experiment.decided_at === null ? null : (
                <Time key="decided" at={experiment.decided_at} />
              ),
            ],
          ]}
        />
      </Section>
      <Section title="Audit trail">
        <AuditTrail items={history} />
      </Section>
    </PageLayout>
  );
}

/** What makes a result suspicious is told before the result is. */
function Warnings({ results }: { readonly results: ExperimentAnalysisJson }) {
  const { sample_ratio: ratio, excluded, signals } = results;
  const warnings = [
    ...(ratio.ok
      ? []
      : [`Sample ratio: units did not arrive in the planned shares, ${sampleRatioText(results)}.`]),
    ...excluded
      .filter(({ units }) => units > 0)
      .map(
        ({ reason, units }) => `Left out: ${formatCount(units)} ${reason.replaceAll('_', ' ')}.`,
      ),
    ...signals.map((signal) => `Signal: ${signal} got worse; a winner waits until somebody looks.`),
  ];
  if (warnings.length === 0) return null;
  return (
    <Alert
      color="yellow"
      variant="outline"
      mb="lg"
      title="Before you trust it"
      styles={{ title: { color: 'var(--text)' } }}
    >
      {warnings.map((warning) => (
        <Text size="sm" key={warning}>
          {warning}
        </Text>
      ))}
    </Alert>
  );
}

function sampleRatioText({
  sample_ratio: { observed, expected, p_value },
}: ExperimentAnalysisJson) {
  const counts = Object.entries(observed).map(
    ([name, count]) =>
      `${name} ${formatCount(count)} (${formatCount(Math.round(expected[name] ?? 0))} expected)`,
  );
  return `${counts.join(', ')}, p ${formatPValue(p_value)}`;
}

function Variants({ results }: { readonly results: ExperimentAnalysisJson }) {
  const axis = liftAxis(results);
  const format = differenceFormat(results.metric);
  const noLift = (name: string) => (name === results.variants[0]?.name ? 'control' : unknown);
  return (
    <PlainTable
      label="Variants"
      rows={results.variants}
      keyOf={({ name }) => name}
      columns={[
        { title: 'Variant', cell: ({ name }) => <span className="untrusted">{name}</span> },
        { title: 'Units', numeric: true, cell: ({ units }) => formatCount(units) },
        { title: 'Mean', numeric: true, cell: ({ mean }) => formatNumber(mean) },
        {
          title: isLessBetter(results.metric) ? 'better ← 0 → worse' : 'worse ← 0 → better',
          cell: ({ name, lift }) =>
            lift === null ? (
              noLift(name)
            ) : (
              <IntervalPlot
                estimate={lift.estimate}
                interval={[lift.interval[0] ?? axis.from, lift.interval[1] ?? axis.to]}
                {...axis}
                zero={0}
                label={liftText(lift, format)}
              />
            ),
        },
        {
          title: 'Lift',
          whole: true,
          cell: ({ lift }) => (lift === null ? unknown : liftText(lift, format)),
        },
        {
          title: 'Valid at any time',
          whole: true,
          cell: ({ lift }) =>
            lift === null ? unknown : lift.always_valid_interval.map(format).join(' … '),
        },
        { title: 'e', numeric: true, cell: ({ e_value: e }) => formatEvidence(e) },
        {
          title: 'P(best)',
          numeric: true,
          cell: ({ probability_best: best }) => formatShare(best),
        },
      ]}
    />
  );
}

function Reached({ experiment, results }: Pick<Read, 'experiment' | 'results'>) {
  const { units, needed_units: needed } = results;
  const goal = Math.min(experiment.cap, needed === null ? experiment.cap : units + needed);
  const share = units / Math.max(1, goal);
  return (
    <>
      <Progress
        value={100 * share}
        aria-label={`${formatShare(share)} of the units needed`}
        mb={6}
      />
      <Text size="sm">
        {formatCount(units)} units with an outcome
        {needed === null || needed === 0 ? '' : `, about ${formatCount(needed)} more needed`}; it
        ends at {formatCount(experiment.cap)} at the latest.
      </Text>
    </>
  );
}

function Guardrails({ experiment, results }: Pick<Read, 'experiment' | 'results'>) {
  const rows = results.variants.flatMap(({ name, guardrails }) =>
    guardrails.map((guardrail) => {
      const agreed = experiment.guardrails.find(({ metric }) => metric === guardrail.metric);
      const format = agreed === undefined || agreed.kind === 'mean' ? formatPoints : formatChange;
      return { ...guardrail, variant: name, agreed, format };
    }),
  );
  if (rows.length === 0) return null;
  return (
    <Section title="Guardrails and signals" note="Harm in a guardrail stops; in a signal it asks.">
      <PlainTable
        label="Guardrails and signals"
        rows={rows}
        keyOf={({ variant, metric }) => `${variant} ${metric}`}
        columns={[
          { title: 'Metric', cell: ({ metric, role }) => `${metric} (${role})` },
          { title: 'Variant', cell: ({ variant }) => <span className="untrusted">{variant}</span> },
          { title: 'Change', numeric: true, cell: ({ estimate, format }) => format(estimate) },
          {
            title: 'Interval',
            whole: true,
            cell: ({ interval, format }) =>
              interval === null ? unknown : interval.map(format).join(' … '),
          },
          {
            title: 'May worsen by',
            numeric: true,
            cell: ({ agreed, format }) =>
              agreed === undefined ? unknown : format(agreed.margin).slice(1),
          },
          { title: 'State', cell: ({ harmed, note }) => (harmed ? 'harmed' : (note ?? 'inside')) },
        ]}
      />
    </Section>
  );
}
