import { Text } from '@mantine/core';
import type { SpanJson } from '../../wire';
import { formatDuration } from '../format/format';
import { Facts } from '../ui/facts';
import { LongText } from '../ui/long-text';

export function SpanEvents({ span, origin }: { readonly span: SpanJson; readonly origin: bigint }) {
  if (span.events.length === 0) return <Text size="sm">This span has no events.</Text>;
  return span.events.map((event, position) => (
    <section key={position}>
      <Text fw={600} size="sm" mt={position === 0 ? 0 : 'md'} className="untrusted">
        {event.name}
        <Text span c="dimmed" size="sm" ml={8}>
          {formatDuration(Number(BigInt(event.time_unix_nano) - origin))}
        </Text>
      </Text>
      <Facts
        items={Object.entries(event.attributes).map(([key, value]) => [
          key,
          <LongText key={key} text={typeof value === 'string' ? value : JSON.stringify(value)} />,
        ])}
      />
    </section>
  ));
}
