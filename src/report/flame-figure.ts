import type { Span } from '../model/span';
import type { Figure } from './figures';
import { layOutFlame } from './flame';
import { duration } from './format';
import { plotlyText } from './html';

const roleColors: Readonly<Record<string, string>> = {
  agent: '@muted',
  llm: '@accent',
  tool: '@second',
};

/** The steps of one run. */
export function flameFigure(spans: readonly Span[]): Figure {
  const bars = layOutFlame(spans);
  const rows = bars.reduce((most, { row }) => Math.max(most, row + 1), 1);
  const whole = bars.reduce((most, bar) => Math.max(most, bar.startMs + bar.durationMs), 0);
  const unit = whole < 5_000 ? { name: 'ms', millis: 1 } : { name: 's', millis: 1_000 };
  return {
    data: [
      {
        type: 'bar',
        orientation: 'h',
        x: bars.map(({ durationMs }) => Math.max(durationMs, whole / 800) / unit.millis),
        base: bars.map(({ startMs }) => startMs / unit.millis),
        y: bars.map(({ row }) => row),
        width: 0.9,
        text: bars.map(({ span }) => `${isError(span) ? '✗ ' : ''}${plotlyText(span.name, 40)}`),
        textposition: 'inside',
        insidetextanchor: 'start',
        textangle: 0,
        constraintext: 'inside',
        hovertext: bars.map(
          ({ span, durationMs }) =>
            `${plotlyText(span.name)}<br>${span.role}, ${duration(durationMs)}${isError(span) ? ', error' : ''}`,
        ),
        hoverinfo: 'text',
        marker: {
          color: bars.map(({ span }) =>
            isError(span) ? '@bad' : (roleColors[span.role] ?? '@third'),
          ),
          line: { color: '@paper', width: 1 },
        },
      },
    ],
    layout: {
      height: 90 + 28 * Math.min(rows, 24),
      showlegend: false,
      uniformtext: { mode: 'hide', minsize: 10 },
      xaxis: { title: { text: `time since the start (${unit.name})` } },
      yaxis: { visible: false, range: [rows - 0.5, -0.5] },
    },
  };
}

export function isError({ status }: Span): boolean {
  return status.code === 2;
}
