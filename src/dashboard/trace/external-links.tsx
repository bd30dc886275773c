import { Button } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ExternalLinksJson, SpanJson } from '../../wire';
import { getJson } from '../api/http';

interface ExternalLinksProps {
  readonly traceId: string;
  /** What the links go to; of a whole trace its root. */
  readonly spanId: string;
  readonly startUnixNano: string;
}

/** A button for each tool that the configuration names (`externalLinks`). */
export function ExternalLinks({ traceId, spanId, startUnixNano }: ExternalLinksProps) {
  const links = useQuery({
    queryKey: ['/external-links'],
    queryFn: ({ signal }) => getJson<ExternalLinksJson>('/external-links', {}, signal),
    staleTime: Infinity,
  });
  const items = links.data?.items ?? [];
  const span = useQuery({
    queryKey: ['span', traceId, spanId],
    queryFn: ({ signal }) => getJson<SpanJson>(`/spans/${traceId}:${spanId}`, {}, signal),
    enabled: items.some((link) => link.url_template.includes('{service}')),
  });
  const service = span.data?.resource.attributes['service.name'];
  const values = {
    ...{ traceId, spanId },
    service: typeof service === 'string' ? service : '',
    startMicros: String(BigInt(startUnixNano) / 1000n),
    startMillis: String(BigInt(startUnixNano) / 1_000_000n),
  };
  return items.map(({ name, url_template: template }) => (
    <Button
      key={name}
      component="a"
      href={fillTemplate(template, values)}
      target="_blank"
      rel="noreferrer"
      variant="default"
      size="compact-sm"
      rightSection={<IconExternalLink size={14} aria-hidden />}
    >
      {name}
    </Button>
  ));
}

/** Each placeholder in its URL-encoded form; one that nobody knows stays. */
function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? encodeURIComponent(values[name]!) : whole,
  );
}
