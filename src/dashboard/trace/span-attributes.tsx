import { Text, TextInput } from '@mantine/core';
import { Fragment, useState } from 'react';
import type { Json, SpanJson } from '../../wire';
import { formatBytes } from '../format/format';
import { Facts } from '../ui/facts';
import { FilterLink } from '../ui/filter-link';
import { LongText } from '../ui/long-text';

/** Attributes of the span, its resource and its scope, with one field to find among them. */
export function SpanAttributes({ span }: { readonly span: SpanJson }) {
  const [filter, setFilter] = useState('');
  const { resource, scope } = span;
  const scopeFacts = { name: scope.name, version: scope.version, ...scope.attributes };
  return (
    <>
      <TextInput
        size="xs"
        mb="xs"
        placeholder="Filter keys and values"
        aria-label="Filter attributes"
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      <Section
        title="Span"
        filterable
        values={span.attributes}
        filter={filter}
        dropped={span.dropped_attributes_count}
      />
      <Section
        title="Resource"
        values={resource.attributes}
        filter={filter}
        dropped={resource.dropped_attributes_count}
      />
      <Section
        title="Scope"
        values={scopeFacts}
        filter={filter}
        dropped={scope.dropped_attributes_count}
      />
    </>
  );
}

interface SectionProps {
  readonly title: string;
  readonly values: Readonly<Record<string, Json>>;
  readonly filter: string;
  readonly dropped: number;
  /** A click on a value lists the traces with a span that has the same. */
  readonly filterable?: boolean;
}

function Section({ title, values, filter, dropped, filterable = false }: SectionProps) {
  const wanted = filter.toLowerCase();
  const sent = originalBytesOf(values);
  const rows = Object.keys(values)
    .sort()
    .map((key) => [key, textOf(values[key] ?? null)] as const)
    .filter(([key, text]) => `${key} ${text}`.toLowerCase().includes(wanted));
  return (
    <section>
      <Text fw={600} size="sm" mt="xs">
        {title}
      </Text>
      {rows.length === 0 && (
        <Text size="sm" c="dimmed">
          {filter === '' ? 'None.' : 'None matches.'}
        </Text>
      )}
      <Facts
        items={rows.map(([key, text]) => [
          key,
          filterable && isPlain(values[key]) && text.length <= longestFilter ? (
            <FilterLink key={key} name={`attribute.${key}`} value={text} />
          ) : (
            <Fragment key={key}>
              {sent[key] !== undefined && (
                <Text size="sm" c="var(--warn)">
                  Cut: {formatBytes(sent[key])} were sent, this is the beginning.
                </Text>
              )}
              <LongText text={text} />
            </Fragment>
          ),
        ])}
      />
      {dropped > 0 && (
        <Text size="sm" c="var(--warn)">
          {dropped} of what was sent {dropped === 1 ? 'is' : 'are'} not here, or cut: dropped by the
          sender, or beyond a limit (a value of 1 MiB).
        </Text>
      )}
    </section>
  );
}

/** How large what was cut was when it was sent, by key; empty where nothing was. */
function originalBytesOf(values: SectionProps['values']): Readonly<Record<string, number>> {
  const sizes = values['evolution.original_bytes'];
  if (typeof sizes !== 'object' || sizes === null || Array.isArray(sizes)) return {};
  return Object.fromEntries(
    Object.entries(sizes).filter((pair): pair is [string, number] => typeof pair[1] === 'number'),
  );
}

/** Longer values fit in no address. */
const longestFilter = 300;

function isPlain(value: Json | undefined): boolean {
  return value !== '' && ['string', 'number', 'boolean'].includes(typeof value);
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
