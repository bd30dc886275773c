import type { Figures } from './chart';
import { folded, table } from './chart';
import { costFigure, latencyFigure, successFigure, tokensFigure } from './figures';
import { count, dollars, duration, instant, percent, percentInterval, plural } from './format';
import type { Html } from './html';
import { html, nothing } from './html';
import type { Bucket, Series } from './summary';

/** How it went over time. */
export function renderMetrics(series: Series, figures: Figures): Html {
  const { buckets } = series;
  if (buckets.length < 2) return nothing;
  const step = `by ${series.step}`;
  const any = (known: (bucket: Bucket) => boolean): boolean => buckets.some(known);
  const charts = [
    any(({ summary }) => summary.success !== null) &&
      figures.place(successFigure(series), `Success ${step}`, rates(series)),
    any(({ summary }) => summary.latencyMs !== null) &&
      figures.place(latencyFigure(series), `Latency ${step}`, latencies(series)),
    any(({ summary }) => summary.costUsd !== null) &&
      figures.place(costFigure(series), `Mean cost of a run ${step}`, costs(series)),
    any(({ summary }) => summary.inputTokens !== null) &&
      figures.place(tokensFigure(series), `Mean tokens of a run ${step}`, tokens(series)),
  ].filter((chart) => chart !== false);
  return html`<h2>Over time</h2>
    <p class="quiet">
      Runs by the start they had, in UTC; a time without runs has no point, and what is unknown is
      left out, not counted as nought.
    </p>
    <div class="pair">${charts}</div>`;
}

const start = {
  title: 'from (UTC)',
  value: ({ startUnixNano }: Bucket): string => instant(startUnixNano),
};
const runs = {
  title: 'runs',
  value: ({ summary }: Bucket): string => count(summary.runs),
  numeric: true,
};

function rates({ step, buckets }: Series): Html {
  const columns = [
    start,
    runs,
    {
      title: 'judged',
      value: ({ summary }: Bucket) => count(summary.judged),
      numeric: true,
    },
    {
      title: 'success',
      value: ({ summary }: Bucket) => percent(summary.success?.value ?? null),
      numeric: true,
    },
    {
      title: '95 % interval',
      value: ({ summary: { success } }: Bucket) =>
        success === null ? '–' : percentInterval(success.interval),
      numeric: true,
    },
  ];
  return folded('Table of success', table(`Success by ${step}`, buckets, columns));
}

function latencies({ step, buckets }: Series): Html {
  const columns = [
    start,
    {
      title: 'timed runs',
      value: ({ summary }: Bucket) => count(summary.timed),
      numeric: true,
    },
    {
      title: 'p50',
      value: ({ summary }: Bucket) => duration(summary.latencyMs?.p50 ?? null),
      numeric: true,
    },
    {
      title: 'p95',
      value: ({ summary }: Bucket) => duration(summary.latencyMs?.p95 ?? null),
      numeric: true,
    },
  ];
  return folded('Table of latency', table(`Latency by ${step}`, buckets, columns));
}

function costs({ step, buckets }: Series): Html {
  const columns = [
    start,
    {
      title: 'runs with a known cost',
      value: ({ summary }: Bucket) => plural(summary.costUsd?.runs ?? 0, 'run'),
      numeric: true,
    },
    {
      title: 'sum',
      value: ({ summary }: Bucket) => dollars(summary.costUsd?.sum ?? null),
      numeric: true,
    },
  ];
  return folded('Table of cost', table(`Cost by ${step}`, buckets, columns));
}

function tokens({ step, buckets }: Series): Html {
  const columns = [
    start,
    runs,
    {
      title: 'tokens in',
      value: ({ summary }: Bucket) => count(summary.inputTokens),
      numeric: true,
    },
    { title: 'out', value: ({ summary }: Bucket) => count(summary.outputTokens), numeric: true },
  ];
  return folded('Table of tokens', table(`Tokens by ${step}`, buckets, columns));
}
