import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AdaptationJson } from '../../wire';
import { getJson } from '../api/http';
import { Message } from '../ui/message';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import { PlainTable } from '../ui/plain-table';
import { QueryView } from '../ui/query-view';
import { changeText, contextText, effectText, statusText } from './describe-adaptation';

/** All changes of settings, the latest first. */
export function AdaptationsPage() {
  usePageTitle('Adaptations');
  const query = useQuery({
    queryKey: ['/adaptations'],
    queryFn: ({ signal }) =>
      getJson<{ items: readonly AdaptationJson[] }>('/adaptations', {}, signal),
  });
  return (
    <PageLayout title="Adaptations">
      <QueryView
        query={query}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <Message
            title="No adaptation yet"
            detail="Declare under “levers” in otel-evolution.json what may be changed, then propose from a finding: otel-evolution adapt propose ID."
          />
        }
      >
        {({ items }) => (
          <PlainTable
            label="Adaptations"
            rows={items.toReversed()}
            keyOf={({ id }) => id}
            columns={[
              {
                title: 'Change',
                cell: (adaptation) => (
                  <Anchor
                    size="sm"
                    renderRoot={(props) => (
                      <Link
                        to="/adaptations/$adaptationId"
                        params={{ adaptationId: adaptation.id }}
                        {...props}
                      />
                    )}
                  >
                    {changeText(adaptation)}
                  </Anchor>
                ),
              },
              { title: 'Where', cell: contextText },
              { title: 'Status', cell: statusText },
              {
                title: 'Traffic',
                numeric: true,
                cell: ({ traffic_percent: percent }) => `${percent} %`,
              },
              {
                title: 'Held back',
                numeric: true,
                cell: ({ hold_back_percent: percent }) => `${percent} %`,
              },
              {
                title: 'Expected',
                whole: true,
                cell: (one) => effectText(one.expected, one.effect_unit),
              },
              {
                title: 'Seen',
                whole: true,
                cell: (one) => effectText(one.outcome, one.effect_unit),
              },
            ]}
          />
        )}
      </QueryView>
    </PageLayout>
  );
}
