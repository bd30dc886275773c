import { Alert, Anchor, Group, List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { AdaptationJson, AuditEntryJson } from '../../wire';
import { getJson } from '../api/http';
import { capitalised, formatCount, formatEvidence, formatNumber } from '../format/format';
import { Time } from '../preferences';
import { AuditTrail } from '../ui/audit-trail';
import { FactRow } from '../ui/fact-row';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import { PlainTable } from '../ui/plain-table';
import { QueryView } from '../ui/query-view';
import { Section } from '../ui/section';
import { StepButton } from '../ui/step-button';
import { changeText, contextText, effectText, statusNames } from './describe-adaptation';

const route = getRouteApi('/adaptations/$adaptationId');

interface Read {
  readonly adaptation: AdaptationJson;
  readonly sentences: readonly string[];
  readonly items: readonly AuditEntryJson[];
}

/** One change: what it is, what it does, who decided what. */
export function AdaptationPage() {
  const { adaptationId } = route.useParams();
  usePageTitle('Adaptation');
  const path = `/adaptations/${encodeURIComponent(adaptationId)}`;
  const query = useQuery({
    queryKey: ['/adaptations', adaptationId],
    queryFn: async ({ signal }): Promise<Read> => {
      const [adaptation, history] = await Promise.all([
        getJson<AdaptationJson>(path, {}, signal),
        getJson<Omit<Read, 'adaptation'>>(`${path}/history`, {}, signal),
      ]);
      return { adaptation, ...history };
    },
  });
  return (
    <QueryView page query={query}>
      {(read) => <Adaptation {...read} path={path} />}
    </QueryView>
  );
}

function Adaptation({ adaptation, sentences, items, path }: Read & { readonly path: string }) {
  // The first says what it is, one each step of the audit (outcomes are one sentence for all); the rest what it shows and
  // why it is not applied.
  const hindrances = sentences.slice(1 + items.filter(({ reason }) => reason !== 'outcome').length);
  return (
    <PageLayout
      title={changeText(adaptation)}
      actions={<Steps adaptation={adaptation} path={path} />}
    >
      <Text size="lg" maw={860} mb="md" className="untrusted">
        {capitalised(statusNames[adaptation.status])}, {contextText(adaptation)}. {sentences[0]}
      </Text>
      {adaptation.paused_by !== null && (
        <Alert
          color="yellow"
          variant="outline"
          mb="lg"
          title={`Paused: ${adaptation.paused_by} got worse`}
          styles={{ title: { color: 'var(--text)' } }}
        >
          Who has the change keeps it, and nobody more gets it until somebody looks: resume, or
          undo.
        </Alert>
      )}
      {hindrances.length > 0 && (
        <List size="sm" mb="md">
          {hindrances.map((sentence) => (
            <List.Item key={sentence} className="untrusted">
              {sentence}
            </List.Item>
          ))}
        </List>
      )}
      <Section
        title="Treated and untreated"
        note="By what arrived since it was last turned on; untreated are those held back and those whom its stage does not reach."
      >
        <Compared adaptation={adaptation} />
      </Section>
      <Section title="What is in force">
        <FactRow
          items={[
            ['Traffic', `${adaptation.traffic_percent} %`],
            ['Held back', `${adaptation.hold_back_percent} %`],
            ['Expected', effectText(adaptation.expected, adaptation.effect_unit)],
            ['Seen', effectText(adaptation.outcome, adaptation.effect_unit)],
            ['Evidence (e)', formatEvidence(adaptation.causal_evidence)],
            ['Judged by', adaptation.dimension],
            ['Signals', adaptation.signals.join(', ') || null],
            ['Configuration', versionsText(adaptation)],
            ['Undone by', `${adaptation.inverse.knob} = ${JSON.stringify(adaptation.inverse.to)}`],
            [
              'From the finding',
              <Anchor
                key="finding"
                inherit
                renderRoot={(props) => (
                  <Link
                    to="/findings/$findingId"
                    params={{ findingId: adaptation.pattern_id }}
                    {...props}
                  />
                )}
              >
                {adaptation.pattern_id.slice(0, 12)}
              </Anchor>,
            ],
            ['Made', <Time key="made" at={adaptation.created_at} />],
          ]}
        />
      </Section>
      <Section title="Audit trail">
        <AuditTrail items={items} />
      </Section>
    </PageLayout>
  );
}

function versionsText({ from_version_id: from, to_version_id: to }: AdaptationJson): string | null {
  return from === null || to === null ? null : `${from.slice(0, 12)} → ${to.slice(0, 12)}`;
}

function Compared({ adaptation: { outcome } }: { readonly adaptation: AdaptationJson }) {
  if (outcome === null) return <Text size="sm">No outcome has arrived yet.</Text>;
  const rows = [
    { name: 'treated', ...outcome.treated },
    { name: 'untreated', ...outcome.held_back },
  ];
  return (
    <PlainTable
      label="Treated and untreated"
      rows={rows}
      keyOf={({ name }) => name}
      columns={[
        { title: 'Units', cell: ({ name }) => name },
        { title: 'Count', numeric: true, cell: ({ units }) => formatCount(units) },
        { title: 'Mean', numeric: true, cell: ({ mean }) => formatNumber(mean) },
      ]}
    />
  );
}

/** The steps that its status allows; the server has the last word. */
function Steps({ adaptation, path }: Pick<Read, 'adaptation'> & { readonly path: string }) {
  const { status, traffic_percent: traffic, paused_by: pausedBy } = adaptation;
  const runs = status === 'rolling_out' || status === 'active';
  return (
    <Group gap={6}>
      {status === 'proposed' && (
        <StepButton
          title="Approve"
          consequence="It may be rolled out from then on."
          path={`${path}/approve`}
        />
      )}
      {(status === 'proposed' || status === 'approved') && (
        <StepButton
          title="Reject"
          consequence="It is never applied."
          path={`${path}/reject`}
          asksWhy
          danger
        />
      )}
      {pausedBy !== null && (
        <StepButton
          title="Resume"
          consequence={`The roll-out goes on although ${pausedBy} got worse, which is measured anew from now on.`}
          path={`${path}/resume`}
          asksWhy
        />
      )}
      {status !== 'proposed' && status !== 'rejected' && traffic < 100 && pausedBy === null && (
        <StepButton
          title={traffic === 0 ? 'Roll out to 5 %' : 'Next stage'}
          consequence="More units get it: 5, 25, 50, then 100 %, one stage an hour, the last one on randomised evidence only."
          path={`${path}/apply`}
        />
      )}
      {runs && (
        <StepButton
          title="Undo"
          consequence="Everybody gets the former setting again, at once."
          path={`${path}/deactivate`}
          asksWhy
          danger
        />
      )}
    </Group>
  );
}
