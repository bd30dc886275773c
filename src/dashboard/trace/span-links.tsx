import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { SpanJson } from '../../wire';
import { Facts } from '../ui/facts';

export function SpanLinks({ span }: { readonly span: SpanJson }) {
  if (span.links.length === 0) return <Text size="sm">This span links to no other.</Text>;
  return span.links.map((link, position) => (
    <section key={position}>
      <Anchor
        renderRoot={(props) => (
          <Link
            to="/traces/$traceId"
            params={{ traceId: link.trace_id }}
            search={{ span: link.span_id }}
            {...props}
          />
        )}
        size="sm"
        className="mono"
      >
        {link.trace_id === span.trace_id ? '' : `${link.trace_id} / `}
        {link.span_id}
      </Anchor>
      <Facts
        items={Object.entries(link.attributes).map(([key, value]) => [
          key,
          typeof value === 'string' ? value : JSON.stringify(value),
        ])}
      />
    </section>
  ));
}
