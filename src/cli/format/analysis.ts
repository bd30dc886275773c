import type { ExperimentAnalysis } from '../../model/experiment';
import { formatForestPlot } from './forest-plot';
import { count, percent, points, probability } from './numbers';
import { type Column, formatTable, printable } from './table';

/** The verdict as a sentence, then what it rests on. `width` of the terminal, `null` for as wide as it needs. */
export function formatAnalysis(analysis: ExperimentAnalysis, width: number | null): string {
  const { paired, excluded, sampleRatio } = analysis;
  const lines = [
    printable(sentence(analysis.reason)),
    ...(sampleRatio.ok
      ? []
      : ['The units did not come in the planned shares: nothing below can be trusted.']),
    '',
    formatTable(analysis.variants, columnsOf(analysis.metric), width),
  ];
  if (paired !== null && paired.onlyControl !== null) {
    lines.push(
      `\nOf ${paired.tasks} tasks under both, ${paired.onlyControl} passed under control only and ${paired.onlyTreatment} under treatment only.`,
    );
  }
  lines.push(...guardrailLines(analysis));
  for (const { reason, units } of excluded) lines.push(`Left out: ${units} ${reason}.`);
  if (analysis.wording === 'associated_with') {
    lines.push('Nobody drew who ran under what: this is an association.');
  } else if (analysis.neededUnits !== null && analysis.status === 'running') {
    lines.push(
      `About ${count(analysis.neededUnits)} more units would show a difference of this size.`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Differences from control with their intervals. */
export function formatLifts({ variants }: ExperimentAnalysis, width: number | null): string {
  const rows = variants.flatMap(({ name, lift }) =>
    lift === null || !Number.isFinite(lift.interval.lower + lift.interval.upper)
      ? []
      : [{ label: printable(name), estimate: lift.estimate, ...lift.interval }],
  );
  return formatForestPlot(rows, width ?? 100);
}

export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function guardrailLines({ variants, signals }: ExperimentAnalysis): string[] {
  const said = variants.flatMap(({ name, guardrails }) =>
    guardrails.map(({ metric, role, harmed, estimate, note }) => {
      const size = estimate === null ? '' : ` ${points(estimate)}`;
      const verdict = harmed ? 'HARMED' : (note ?? 'inside its margin');
      return printable(
        `${role === 'signal' ? 'Signal' : 'Guardrail'} ${metric}, ${name}:${size} ${verdict}.`,
      );
    }),
  );
  return signals.length === 0
    ? said
    : [...said, printable(`Somebody should look: ${signals.join(', ')}.`)];
}

/** Means and differences in what the metric is in: amounts as they are, shares in per cent and points. */
function columnsOf(metric: string): readonly Column<ExperimentAnalysis['variants'][number]>[] {
  const amount = amounts.get(metric);
  const difference = amount ?? points;
  const mean = amount ?? ((value: number) => percent(value, 1));
  return [
    { title: 'variant', value: ({ name }) => name, flexible: true },
    { title: 'runs', value: ({ units }) => String(units), align: 'right' },
    {
      title: 'mean',
      value: (one) => (one.mean === null ? percent(null) : mean(one.mean)),
      align: 'right',
    },
    {
      title: 'difference',
      value: ({ lift }) => (lift === null ? '' : difference(lift.estimate)),
      align: 'right',
    },
    {
      title: '95 % interval',
      value: ({ lift }) =>
        lift === null
          ? ''
          : `[${difference(lift.interval.lower)}, ${difference(lift.interval.upper)}]`,
      align: 'right',
    },
    {
      title: 'p, unpaired',
      value: ({ pValue }) => (pValue === null ? '' : probability(pValue)),
      align: 'right',
    },
  ];
}

const amounts: ReadonlyMap<string, (value: number) => string> = new Map([
  ['latency', (value: number) => `${signed(value)} ms`],
  ['cost', (value: number) => `$${signed(value)}`],
  ['tokens', (value: number) => signed(value)],
]);

function signed(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString('en-US', { maximumSignificantDigits: 4 });
}
