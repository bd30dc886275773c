import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { SpanJson } from '../../wire';
import { getJson } from '../api/http';
import { Facts } from '../ui/facts';
import { QueryView } from '../ui/query-view';
import { SpanLink } from '../ui/span-link';

/** Where the span links to, and what links to it. */
export function SpanLinks({ span }: { readonly span: SpanJson }) {
  const { trace_id: traceId, span_id: spanId } = span;
  const incoming = useQuery({
    queryKey: ['/spans', 'linking to', traceId, spanId],
    queryFn: ({ signal }) =>
      getJson<{ items: readonly SpanJson[] }>(
        `/spans/${traceId}:${spanId}/linked`,
        { direction: 'incoming' },
        signal,
      ),
  });
  return (
    <>
      <Outgoing span={span} />
      <Text fw={600} size="sm" mt="md">
        Spans that link here
      </Text>
      <QueryView
        query={incoming}
        isEmpty={({ items }) => items.length === 0}
        empty={<Text size="sm">None.</Text>}
      >
        {({ items }) =>
          items.map((other) => (
            <p key={`${other.trace_id}${other.span_id}`} style={{ margin: '4px 0' }}>
              <SpanLink traceId={other.trace_id} spanId={other.span_id} className="untrusted">
                {other.name}
              </SpanLink>
            </p>
          ))
        }
      </QueryView>
    </>
  );
}

function Outgoing({ span }: { readonly span: SpanJson }) {
  if (span.links.length === 0) return <Text size="sm">This span links to no other.</Text>;
  return span.links.map((link, position) => (
    <section key={position}>
      <SpanLink traceId={link.trace_id} spanId={link.span_id} className="mono">
        {link.trace_id === span.trace_id ? '' : `${link.trace_id} / `}
        {link.span_id}
      </SpanLink>
      <Facts
        items={Object.entries(link.attributes).map(([key, value]) => [
          key,
          typeof value === 'string' ? value : JSON.stringify(value),
        ])}
      />
    </section>
  ));
}
