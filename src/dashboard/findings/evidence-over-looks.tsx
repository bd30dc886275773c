import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { LedgerEntryJson, LookJson, PageJson, PatternJson } from '../../wire';
import { getJson } from '../api/http';
import { formatCount, formatPValue } from '../format/format';
import { Time } from '../preferences';
import { PlainTable } from '../ui/plain-table';
import { QueryView } from '../ui/query-view';
import { effectFormat } from './describe-pattern';
import { LooksChart } from './looks-chart';

/** Every test of the pattern in its order, from the ledger: a picture of the looks, and all numbers. */
export function EvidenceOverLooks({ pattern }: { readonly pattern: PatternJson }) {
  const ledger = useQuery({
    queryKey: ['/ledger', pattern.id],
    queryFn: ({ signal }) =>
      getJson<PageJson<LedgerEntryJson>>(
        '/ledger',
        { pattern_id: pattern.id, limit: 1000 },
        signal,
      ),
  });
  const looks = useQuery({
    queryKey: ['/looks'],
    queryFn: ({ signal }) => getJson<{ items: LookJson[] }>('/looks', {}, signal),
  });
  return (
    <QueryView query={ledger}>
      {({ items }) => {
        const tests = items.filter(({ test }) => test !== 'mark');
        if (tests.length === 0) return <Text size="sm">The ledger has no test of it.</Text>;
        const byNumber = new Map((looks.data?.items ?? []).map((look) => [look.number, look]));
        return (
          <>
            <Text size="sm" mb="xs">
              {summarise(tests)}
            </Text>
            <LooksChart tests={tests} looks={byNumber} />
            <Tests tests={tests} looks={byNumber} pattern={pattern} />
          </>
        );
      }}
    </QueryView>
  );
}

const passed = ({ p_value: p, status }: LedgerEntryJson): boolean =>
  p !== null && status !== 'demoted' && status !== 'candidate';

/** What it has stood up to, in words. */
function summarise(tests: readonly LedgerEntryJson[]): string {
  const of = (kind: LedgerEntryJson['test']) => tests.filter(({ test }) => test === kind);
  const parts = [
    `${of('look').filter(passed).length} of ${of('look').length} looks promoted or kept it`,
  ];
  const confirmations = of('confirmation');
  if (confirmations.length > 0) {
    const good = confirmations.filter(({ status }) => status === 'confirmed').length;
    parts.push(`${good} of ${confirmations.length} tests on fresh runs alone confirmed it`);
  }
  const demotions = of('demotion');
  if (demotions.length > 0) {
    const lost = demotions.filter(({ status }) => status === 'demoted').length;
    parts.push(
      lost > 0
        ? 'later runs no longer showed it, and it was demoted'
        : `it withstood ${demotions.length} tests whether it still holds`,
    );
  }
  return `${parts.join('; ')}.`;
}

const names: Readonly<Record<LedgerEntryJson['test'], string>> = {
  look: 'look',
  confirmation: 'on fresh runs',
  demotion: 'does it still hold',
  watch: 'after it was resolved',
  mark: 'mark',
};

interface TestsProps {
  readonly tests: readonly LedgerEntryJson[];
  readonly looks: ReadonlyMap<number, LookJson>;
  readonly pattern: PatternJson;
}

function Tests({ tests, looks, pattern }: TestsProps) {
  const format = effectFormat(pattern.effect);
  const rows = tests.map((entry, position) => ({ entry, position }));
  return (
    <PlainTable
      label="Every test of this finding"
      rows={rows}
      keyOf={({ position }) => String(position)}
      columns={[
        { title: 'Look', cell: ({ entry }) => entry.look },
        { title: 'Test', cell: ({ entry }) => names[entry.test] },
        {
          title: 'At',
          whole: true,
          cell: ({ entry }) => <Time at={looks.get(entry.look)?.at ?? null} />,
        },
        {
          title: 'Runs',
          numeric: true,
          cell: ({ entry }) => formatCount(looks.get(entry.look)?.units ?? null),
        },
        {
          title: 'Effect',
          numeric: true,
          cell: ({ entry }) => (entry.estimate === null ? '–' : format(entry.estimate)),
        },
        { title: 'p', numeric: true, cell: ({ entry }) => formatPValue(entry.p_value) },
        { title: 'q', numeric: true, cell: ({ entry }) => formatPValue(entry.q_value) },
        { title: 'Then', cell: ({ entry }) => entry.status },
        { title: 'Why', cell: ({ entry }) => entry.reason ?? '' },
      ]}
    />
  );
}
