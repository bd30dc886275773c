import { Anchor, Badge, Group, List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import type { PatternJson } from '../../wire';
import { getJson } from '../api/http';
import {
  capitalised,
  formatCount,
  formatEvidence,
  formatNumber,
  formatPValue,
  formatShare,
} from '../format/format';
import { Time } from '../preferences';
import { CopyLink, CopyText } from '../ui/copy';
import { FactRow } from '../ui/fact-row';
import { Facts } from '../ui/facts';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import { QueryView } from '../ui/query-view';
import { Section } from '../ui/section';
import {
  effectFormat,
  effectText,
  measureName,
  statusNotes,
  testName,
  typeNames,
} from './describe-pattern';
import { EffectElsewhere } from './effect-elsewhere';
import { EffectPerStratum } from './effect-per-stratum';
import { EvidenceOverLooks } from './evidence-over-looks';
import { FactorPlot } from './factor-plot';
import { MarkFinding } from './mark-finding';
import { PatternStatus } from './pattern-status';
import { predicateWords } from './predicate-words';

const route = getRouteApi('/findings/$findingId');

/** One finding with everything that its explanation says. */
export function FindingPage() {
  const { findingId } = route.useParams();
  usePageTitle('Finding');
  const query = useQuery({
    queryKey: ['pattern', findingId],
    queryFn: ({ signal }) =>
      getJson<PatternJson>(`/patterns/${encodeURIComponent(findingId)}`, {}, signal),
  });
  return (
    <QueryView page query={query}>
      {(pattern) => <Finding pattern={pattern} />}
    </QueryView>
  );
}

function Finding({ pattern }: { readonly pattern: PatternJson }) {
  const { explanation } = pattern;
  return (
    <PageLayout
      title={capitalised(predicateWords(pattern.predicate.text))}
      actions={
        <Group gap={6}>
          <CopyLink />
          <CopyText value={`npx otel-evolution patterns explain ${pattern.id}`} what="CLI" />
        </Group>
      }
    >
      <Group gap="sm" mb="xs">
        <PatternStatus status={pattern.status} />
        <Text size="sm" c="dimmed">
          {statusNotes[pattern.status]}; {typeNames[pattern.type]};{' '}
          {explanation.wording === 'causes'
            ? 'it causes the outcome'
            : 'an association, no proof of a cause'}
        </Text>
      </Group>
      <Text maw={860} mb={4} className="untrusted">
        {explanation.reason}
      </Text>
      <Text size="sm" c="dimmed" mb="lg" className="mono untrusted">
        {pattern.predicate.text}
      </Text>
      <Section
        title="With it, and without it"
        note={`Outcome “${pattern.dimension}”, each side over all its runs; the effect below compares within strata.`}
      >
        <FactorPlot pattern={pattern} />
      </Section>
      <Section title="The numbers">
        <Numbers pattern={pattern} />
      </Section>
      <Section
        title="In the other dimensions"
        note="The same comparison, made beside the finding: intervals are not adjusted for what was selected."
      >
        <EffectElsewhere pattern={pattern} />
      </Section>
      <Section
        title="Where it holds"
        note="Each line is one agent at one type of task, judged by its own runs alone; wide intervals mean few runs, not that it fails there."
      >
        <EffectPerStratum pattern={pattern} />
      </Section>
      <Section
        title="Evidence over looks"
        note="Upwards is stronger. A look has a level of its own, so that many looks find no more by chance than one."
      >
        <EvidenceOverLooks pattern={pattern} />
      </Section>
      <Section title="What it is robust to, and what would help next">
        <Withstands pattern={pattern} />
      </Section>
      <Section
        title="What became of it"
        note="Resolved and not useful close it; a resolved one is watched on later runs and reopens by itself."
      >
        <MarkFinding pattern={pattern} />
      </Section>
      <Group align="flex-start" gap="xl" grow preventGrowOverflow={false}>
        <Spans title="Runs that speak for it" spans={explanation.source_span_ids} />
        <Spans title="Runs that speak against it" spans={explanation.contradicting_span_ids} />
      </Group>
    </PageLayout>
  );
}

function Numbers({ pattern }: { readonly pattern: PatternJson }) {
  const { effect, test, strata } = pattern;
  const level = formatShare(effect.level);
  return (
    <FactRow
      items={[
        ['Effect', effectText(pattern)],
        ['Measure', measureName(effect.measure)],
        [
          'Interval',
          `${level}${effect.adjusted ? ', allowing for all that was promoted together' : ''}`,
        ],
        ['Test', testName(test.name)],
        [
          'Statistic',
          test.statistic === null
            ? null
            : `${formatNumber(test.statistic)}${test.df === null ? '' : `, ${Number.isInteger(test.df) ? test.df : formatNumber(test.df)} df`}`,
        ],
        ['p', formatPValue(test.p_value)],
        ['q', formatPValue(test.q_value)],
        ['e', test.e_value === null ? null : formatEvidence(test.e_value)],
        ['Confidence', formatShare(pattern.confidence)],
        ['Compared within', strata.by],
        [
          'Strata',
          `${formatCount(strata.informative)} of ${formatCount(strata.used)} say something`,
        ],
        ['Effective runs', pattern.n_effective === null ? null : formatNumber(pattern.n_effective)],
        ['First seen', <Time key="first" at={pattern.first_seen} />],
        ['Last tested', <Time key="last" at={pattern.last_tested} />],
      ]}
    />
  );
}

function Withstands({ pattern }: { readonly pattern: PatternJson }) {
  const { effect, explanation, context, finding, sampling } = pattern;
  const without = (moving: boolean): string[] =>
    explanation.left_out
      .filter(({ moves }) => moves === moving)
      .map(({ key, estimate }) => `${key} (${effectFormat(effect)(estimate)} without)`);
  const badges = (texts: readonly string[]) =>
    texts.length === 0
      ? null
      : texts.map((text) => (
          <Badge key={text} variant="default" tt="none" mr={4}>
            {text}
          </Badge>
        ));
  return (
    <Facts
      items={[
        ['Held fixed', badges(explanation.held_fixed)],
        ['Robust to leaving out', badges(without(false))],
        ['Moves without', badges(without(true))],
        ['Also seen as', badges(alsoSeenAs(finding))],
        ['Next', explanation.needs],
        [
          'Can be changed',
          pattern.controllable ? 'yes: it may become an adaptation' : 'no lever is known',
        ],
        ['Agent type', context.agent_type],
        ['Task type', context.task_type],
        ['Found among settings', badges(context.config_range.map(settingText))],
        ['Found among tags', badges(context.tags)],
        ['Sampling', sampling && `${sampling.basis}${sampling.weighted ? ', weighted' : ''}`],
      ]}
    />
  );
}

function alsoSeenAs(finding: PatternJson['finding']): readonly string[] {
  if (finding === null) return [];
  const { also_seen_as: names, also_seen_as_more: more } = finding;
  return more === 0 ? names : [...names, `and ${formatCount(more)} more`];
}

/** What a setting was in the runs that were compared: `temperature 0 to 0.7`. */
function settingText({ key, interval, levels }: ContextSetting): string {
  if (interval === null) return `${key} ${levels.join(' or ')}`;
  const [lower, upper] = interval;
  return `${key} ${[lower === upper ? lower : `${lower} to ${upper}`, ...levels].join(' or ')}`;
}

type ContextSetting = PatternJson['context']['config_range'][number];

interface SpansProps {
  readonly title: string;
  readonly spans: PatternJson['explanation']['source_span_ids'];
}

function Spans({ title, spans }: SpansProps) {
  return (
    <Section title={title}>
      {spans.length === 0 && <Text size="sm">None is named.</Text>}
      <List size="sm">
        {spans.map((span) => (
          <List.Item key={`${span.trace_id}${span.span_id}`}>
            <Anchor
              className="mono"
              renderRoot={(props) => (
                <Link
                  to="/traces/$traceId"
                  params={{ traceId: span.trace_id }}
                  search={{ span: span.span_id }}
                  {...props}
                />
              )}
            >
              {span.trace_id.slice(0, 8)}… / {span.span_id}
            </Anchor>
          </List.Item>
        ))}
      </List>
    </Section>
  );
}
