import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReviewJson } from '../../wire';
import { getJson } from '../api/http';
import { capitalised, formatCount, formatPValue, plural } from '../format/format';
import type { PlainColumn } from '../ui/plain-table';
import { PlainTable } from '../ui/plain-table';
import { QueryView } from '../ui/query-view';
import { Section } from '../ui/section';
import { predicateWords } from './predicate-words';

type Reviewed = ReviewJson['marginal_findings'][number];

/** Beside what is known: what a naive reading would have reported, and what these runs cannot settle. */
export function ReviewOfFindings({ agentId }: { readonly agentId: string | undefined }) {
  const query = useQuery({
    queryKey: ['/review', agentId],
    queryFn: ({ signal }) =>
      getJson<ReviewJson>('/review', { agent_id: agentId, limit: 10 }, signal),
    staleTime: 60_000,
  });
  return (
    <QueryView query={query}>
      {({ marginal_findings: none, not_yet_known: open }) => (
        <>
          <Section
            title="Looked like a pattern, and is none"
            note="Plain over all runs, and gone when like is compared with like: mostly it says which tasks are hard."
          >
            <Reviews rows={none} label="Looked like a pattern, and is none" />
          </Section>
          <Section
            title="Not known yet"
            note="There may be something, and these runs are too few to tell."
          >
            <Reviews
              rows={open}
              label="Not known yet"
              more={{
                title: 'Needs about',
                numeric: true,
                cell: (row) =>
                  'runs_needed' in row ? `${plural(Number(row.runs_needed), 'more run')}` : '–',
              }}
            />
          </Section>
        </>
      )}
    </QueryView>
  );
}

interface ReviewsProps {
  readonly rows: readonly Reviewed[];
  readonly label: string;
  readonly more?: PlainColumn<Reviewed>;
}

function Reviews({ rows, label, more }: ReviewsProps) {
  if (rows.length === 0) return <Text size="sm">None at the moment.</Text>;
  return (
    <PlainTable
      label={label}
      rows={rows}
      keyOf={({ predicate, dimension }) => `${predicate.text} ${dimension}`}
      columns={[
        {
          title: 'What was looked at',
          text: true,
          cell: ({ predicate, dimension, sentence }) => (
            <>
              <b title={predicate.text}>{capitalised(predicateWords(predicate.text))}</b> (
              {dimension})
              <Text size="xs" c="dimmed">
                {sentence}
              </Text>
            </>
          ),
        },
        ...(more === undefined ? [] : [more]),
        {
          title: 'Runs with / without',
          numeric: true,
          cell: (row) => `${formatCount(row.n_with)} / ${formatCount(row.n_without)}`,
        },
        { title: 'p over all', numeric: true, cell: (row) => formatPValue(row.p_marginal) },
        { title: 'p within', numeric: true, cell: (row) => formatPValue(row.p_stratified) },
      ]}
    />
  );
}
