import { createHash } from 'node:crypto';
import type { Figures } from './chart';
import { createFigures } from './chart';
import { renderFindings, renderOpenQuestions } from './findings';
import { renderHead, titleOf } from './head';
import type { Html } from './html';
import { html, jsonForScript, trusted } from './html';
import { renderMetrics } from './metrics';
import { pageScript } from './page-script';
import { pageStyle } from './page-style';
import type { ReportInput } from './report-input';
import { renderDetails, renderTimeline } from './runs';
import { summarize, toSeries } from './summary';

/** Marks a file that may be replaced by a newer report. */
export const generatorMark = '<meta name="generator" content="otel-evolution report"';

/**
 * One HTML page that needs no network and no server. Texts of spans, tasks and rewards stand in it as escaped
 * text only; the page's policy allows no script and no style but its own, by their hashes.
 */
export function renderReport(input: ReportInput): string {
  const figures = createFigures();
  const timeline = renderTimeline(input, figures);
  const metrics = renderMetrics(toSeries(input.executions), figures);
  const findings = renderFindings(input, figures);
  const open = renderOpenQuestions(input.review);
  const details = renderDetails(input, figures);
  // Of one task its runs are the matter, of many what they have in common.
  const sections =
    input.subject === 'task'
      ? [timeline, details, metrics, findings, open]
      : [timeline, metrics, findings, open, details];
  const body = html`${renderHead(input, summarize(input.executions))}
    <main>${sections}</main>`;
  const plotly = withoutEndTag(input.plotly);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy(plotly)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${trusted(generatorMark)} />
        <title>${titleOf(input)} – otel-evolution</title>
        ${element('style', pageStyle)}
      </head>
      <body>
        ${body} ${figureData(figures)} ${element('script', plotly)} ${element('script', pageScript)}
      </body>
    </html> `;
  return page.markup;
}

/** Exactly this content: its hash is in the policy. */
function element(name: 'script' | 'style', content: string): Html {
  return trusted(`<${name}>${content}</${name}>`);
}

function figureData({ all }: Figures): Html {
  const { markup } = jsonForScript(all);
  return trusted(`<script type="application/json" id="figures">${markup}</script>`);
}

/** An inlined script ends at the first end tag, wherever it stands. */
function withoutEndTag(script: string): string {
  return script
    .replaceAll('\r\n', '\n')
    .replaceAll(/<\/script/gi, '<\\/script')
    .replaceAll('<!--', '<\\!--');
}

/** Plotly makes one empty style element and fills it by the object model; that needs the hash of nothing. */
function policy(plotly: string): string {
  return [
    "default-src 'none'",
    `script-src ${hash(plotly)} ${hash(pageScript)}`,
    `style-src ${hash(pageStyle)} ${hash('')}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
}
