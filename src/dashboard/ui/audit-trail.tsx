import { Anchor } from '@mantine/core';
import { useState } from 'react';
import type { AuditEntryJson } from '../../wire';
import { formatEvidence, plural } from '../format/format';
import { Time } from '../preferences';
import { PlainTable } from './plain-table';

/** Who did what when, why and on what evidence, the latest first; measurements, which change nothing, when they are asked for. */
export function AuditTrail({ items }: { readonly items: readonly AuditEntryJson[] }) {
  const [all, showAll] = useState(false);
  const indexed = items.map((entry, index) => ({ entry, index })).reverse();
  const steps = indexed.filter(({ entry }) => entry.reason !== measured);
  const hidden = indexed.length - steps.length;
  return (
    <>
      <Entries rows={all ? indexed : steps} />
      {!all && hidden > 0 && (
        <Anchor component="button" fz="sm" onClick={() => showAll(true)}>
          Show the {plural(hidden, 'measurement')} in between
        </Anchor>
      )}
    </>
  );
}

/** What the loop writes down when outcomes came and nothing followed from them. */
const measured = 'outcome';

interface Entry {
  readonly entry: AuditEntryJson;
  readonly index: number;
}

function Entries({ rows }: { readonly rows: readonly Entry[] }) {
  return (
    <PlainTable
      label="Audit trail"
      rows={rows}
      keyOf={({ index }) => String(index)}
      columns={[
        { title: 'At', whole: true, cell: ({ entry }) => <Time at={entry.at} /> },
        {
          title: 'Who',
          whole: true,
          cell: ({ entry }) => <span className="untrusted">{entry.actor}</span>,
        },
        {
          title: 'Step',
          whole: true,
          cell: ({ entry: { from, to } }) =>
            (from === to ? to : `${from ?? 'new'} → ${to}`).replaceAll('_', ' '),
        },
        {
          title: 'Why',
          text: true,
          cell: ({ entry }) => <span className="untrusted">{entry.reason}</span>,
        },
        { title: 'Evidence', text: true, cell: ({ entry }) => evidenceText(entry) },
      ]}
    />
  );
}

function evidenceText({ evidence }: AuditEntryJson): string {
  return Object.entries(evidence)
    .map(([key, value]) => `${key.replaceAll('_', ' ')} ${valueText(value)}`)
    .join(', ');
}

function valueText(value: AuditEntryJson['evidence'][string]): string {
  return typeof value === 'number' && !Number.isSafeInteger(value)
    ? formatEvidence(value)
    : String(value).replaceAll('_', ' ');
}
