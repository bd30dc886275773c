import type { AuditEntryJson } from '../../wire';
import { formatEvidence } from '../format/format';
import { Time } from '../preferences';
import { PlainTable } from './plain-table';

/** Who did what when, why and on what evidence, the latest first. */
export function AuditTrail({ items }: { readonly items: readonly AuditEntryJson[] }) {
  const rows = items.map((entry, index) => ({ entry, index })).reverse();
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
        { title: 'Why', cell: ({ entry }) => <span className="untrusted">{entry.reason}</span> },
        { title: 'Evidence', cell: ({ entry }) => evidenceText(entry) },
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
