import { Button, Group, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import type { DifferencesJson } from '../../wire';
import { getJson } from '../api/http';
import { predicateWords } from '../findings/predicate-words';
import {
  capitalised,
  formatNumber,
  formatPoints,
  formatPValue,
  formatShare,
  plural,
} from '../format/format';
import { IntervalPlot } from '../ui/interval-plot';
import { Message } from '../ui/message';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import type { PlainColumn } from '../ui/plain-table';
import { PlainTable } from '../ui/plain-table';
import { QueryView } from '../ui/query-view';
import { RunScatter } from './run-scatter';

const route = getRouteApi('/differences');

type Difference = DifferencesJson['differences'][number];

/** What is different in some runs: an exploration, which promotes nothing. */
export function DifferencesPage() {
  usePageTitle('Differences');
  const { a, b } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery({
    queryKey: ['differences', a, b],
    queryFn: ({ signal }) => getJson<DifferencesJson>('/differences', { a, b }, signal),
  });
  const select = (filter: string): void => void navigate({ search: { a: filter, b: undefined } });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string | undefined => {
      const value = form.get(name);
      return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
    };
    void navigate({ search: { a: text('a'), b: text('b') } });
  };
  return (
    <PageLayout title="What is different">
      <form onSubmit={submit} key={`${a} ${b}`}>
        <Group align="flex-end" gap="sm" mb="md">
          <TextInput
            name="a"
            label="In these runs (A)"
            placeholder="runs that failed"
            size="xs"
            w={280}
            defaultValue={a}
            data-page-search
          />
          <TextInput
            name="b"
            label="against these (B)"
            placeholder="runs that succeeded"
            size="xs"
            w={280}
            defaultValue={b}
          />
          <Button type="submit" size="xs" variant="default">
            Compare
          </Button>
          <Text size="xs" c="dimmed">
            Filters as on the command line: agent=…,tool=…,status=failed,since=2026-01-31
          </Text>
        </Group>
      </form>
      <RunScatter onSelect={select} />
      <QueryView query={query}>{(found) => <Found found={found} />}</QueryView>
    </PageLayout>
  );
}

function Found({ found }: { readonly found: DifferencesJson }) {
  if (found.differences.length === 0) {
    return <Message title="Nothing stands out" detail={found.sentence} />;
  }
  return (
    <>
      <Text mb={4} className="untrusted">
        {found.sentence}
      </Text>
      <Text size="sm" c="dimmed" mb="md">
        A: {plural(found.a.runs, 'run')}, B: {plural(found.b.runs, 'run')}.
        {found.a.truncated || found.b.truncated
          ? ' Only the latest of the matching runs were read.'
          : ''}
      </Text>
      <PlainTable
        label="Differences"
        rows={found.differences}
        keyOf={(row) => `${row.measure} ${row.predicate.text}`}
        columns={makeColumns(axisOf(found.differences))}
      />
    </>
  );
}

const share = (row: Difference, value: number): string =>
  row.measure === 'share' ? formatShare(value) : formatNumber(value);

interface Ends {
  readonly from: number;
  readonly to: number;
}

/** Holds all shares' intervals and zero. */
function axisOf(differences: readonly Difference[]): Ends {
  const values = differences.flatMap((row) => (row.measure === 'share' ? row.interval : []));
  return { from: Math.min(0, ...values), to: Math.max(0, ...values) };
}

const makeColumns = (axis: Ends): readonly PlainColumn<Difference>[] => [
  {
    title: 'Feature',
    cell: (row) => (
      <>
        <span title={row.predicate.text}>{capitalised(predicateWords(row.predicate.text))}</span>
        {row.also_seen_as.length > 0 && (
          <Text size="xs" c="dimmed">
            the same runs: {row.also_seen_as.map(predicateWords).join('; ')}
          </Text>
        )}
      </>
    ),
  },
  { title: 'In A', numeric: true, cell: (row) => share(row, row.in_a) },
  { title: 'In B', numeric: true, cell: (row) => share(row, row.in_b) },
  {
    title: 'A − B',
    cell: (row) =>
      row.measure === 'share' ? (
        <IntervalPlot
          estimate={row.difference}
          interval={row.interval}
          {...axis}
          zero={0}
          label={`difference ${formatPoints(row.difference)}`}
        />
      ) : null,
  },
  {
    title: 'Difference and 95 % interval',
    numeric: true,
    cell: (row) =>
      row.measure === 'share'
        ? `${formatPoints(row.difference)} (${formatPoints(row.interval[0])} to ${formatPoints(row.interval[1])})`
        : `${formatNumber(row.difference)} (${formatNumber(row.interval[0])} to ${formatNumber(row.interval[1])})`,
  },
  { title: 'q', numeric: true, cell: (row) => formatPValue(row.q_value) },
];
