import type { ContextCell } from '../model/applicability';
import type { Review } from '../model/learned';
import { effectUnit, type Pattern } from '../model/pattern';
import type { SpanAddress } from '../model/span';
import type { Figures } from './chart';
import { folded, table } from './chart';
import { forestFigure } from './figures';
import { count, percent, points, pointsInterval, probability } from './format';
import type { Html } from './html';
import { html, nothing, shorten } from './html';
import type { ReportInput } from './report-input';

/** What really goes with success, from all runs that the database holds. */
export function renderFindings(
  { findings, inAgent }: Pick<ReportInput, 'findings' | 'inAgent'>,
  figures: Figures,
): Html {
  if (findings.length === 0) {
    return html`<h2>Findings</h2>
      <p>
        Nothing is established: no behaviour and no setting goes with success or failure beyond what
        chance explains, or too few runs were judged.
      </p>`;
  }
  const effects = figures.place(
    forestFigure(findings),
    'Effects with their intervals; the line in the middle is no effect',
    folded('Table of the findings', findingTable(findings)),
  );
  return html`<h2>Findings</h2>
    <p class="quiet">
      Learned from all runs in the database${inAgent === null ? '' : ', of every agent'}.
      “Associated” says that the two go together when the named things are held fixed; only “causes”
      rests on a randomised experiment. Intervals are widened for all that passed at the same look.
    </p>
    <ol class="findings">
      ${findings.map((finding, n) => renderFinding(finding, inAgent?.[n] ?? null))}
    </ol>
    ${effects}`;
}

/** The most that is said of one: which outcome, by how much, how sure, and where to look it up. */
function renderFinding(
  { predicate, dimension, effect, explanation, status, finding }: Pattern,
  own: readonly ContextCell[] | null,
): Html {
  const also = finding.alsoSeenAs.slice(0, 8).join(', ');
  return html`<li>
    <p class="lead">
      <strong>${points(effect.estimate)} ${effectUnit(effect)} of ${shorten(dimension, 60)}</strong>
      with <code>${shorten(predicate.text, 200)}</code> (${pointsInterval(effect.interval)}, at
      ${level(effect)}; ${status})
    </p>
    <p>${shorten(explanation.reason, 1_500)}</p>
    <ul class="quiet">
      ${own === null ? nothing : amongOwnRuns(own, effect)}
      <li>Held fixed: ${fixed(explanation.heldFixed)}.</li>
      ${elsewhere(explanation.elsewhere)}
      ${also === '' ? nothing : html`<li>Also seen as ${shorten(also, 400)}.</li>`}
      ${evidence('Runs that show it', explanation.sourceSpanIds)}
      ${evidence('Runs against it', explanation.contradictingSpanIds)}
      <li>Next: ${shorten(explanation.needs, 600)}</li>
    </ul>
  </li> `;
}

/** What an agent's team asks first: is it so with us? */
function amongOwnRuns(cells: readonly ContextCell[], effect: Pattern['effect']): Html {
  if (cells.length === 0) {
    return html`<li>Among this agent's runs: too few with it, or without it, to say.</li>`;
  }
  const texts = cells.slice(0, 4).map(({ taskType, effect: estimate, standardError, runs }) => {
    const half = normalHalf * standardError;
    const interval = { lower: estimate - half, upper: estimate + half };
    const where = taskType === null ? '' : ` in ${shorten(taskType, 60)}`;
    const size = `${points(estimate)} ${effectUnit(effect)}`;
    return `${size}${where} (${pointsInterval(interval)}; ${count(runs)} runs)`;
  });
  return html`<li>Among this agent's runs, at 95 % each: ${texts.join(', ')}.</li>`;
}

/** Standard errors to either side that hold 95 % of a normal distribution. */
const normalHalf = 1.96;

/** The price of it, or what else it brings. */
function elsewhere(effects: Pattern['explanation']['elsewhere']): Html {
  if (effects.length === 0) return nothing;
  const texts = effects.slice(0, 6).map(({ dimension, measure, estimate, interval }) => {
    const size = `${points(estimate)} ${effectUnit({ measure })} (${pointsInterval(interval)})`;
    return `${shorten(dimension, 60)} ${size}`;
  });
  return html`<li>In other outcomes, at 95 % each: ${texts.join(', ')}.</li>`;
}

/** Spans, as `spans show` takes them. */
function evidence(title: string, spans: readonly SpanAddress[]): Html {
  if (spans.length === 0) return nothing;
  const ids = spans
    .slice(0, 3)
    .map(({ traceId, spanId }) => html`<code>${traceId}:${spanId}</code> `);
  return html`<li>${title}: ${ids}</li>`;
}

/** Adjusted levels come close to one; rounding must not make them certain. */
function level({ level: share }: Pattern['effect']): string {
  return `${Number((100 * share).toPrecision(6))} %`;
}

function fixed(keys: readonly string[]): string {
  return keys.length === 0 ? 'nothing' : shorten(keys.join(', '), 300);
}

function findingTable(findings: readonly Pattern[]): Html {
  return table('Findings, the most certain first', findings, [
    { title: 'what', value: ({ predicate }) => shorten(predicate.text, 120) },
    { title: 'status', value: ({ status }) => status },
    { title: 'outcome', value: ({ dimension }) => shorten(dimension, 60) },
    {
      title: 'effect',
      value: ({ effect }) => `${points(effect.estimate)} ${effectUnit(effect)}`,
      numeric: true,
    },
    { title: 'interval', value: ({ effect }) => pointsInterval(effect.interval), numeric: true },
    { title: 'q', value: ({ test }) => probability(test.qValue), numeric: true },
    { title: 'held fixed', value: ({ explanation }) => fixed(explanation.heldFixed) },
    { title: 'with', value: ({ support }) => arm(support.with), numeric: true },
    { title: 'without', value: ({ support }) => arm(support.without), numeric: true },
  ]);
}

function arm({ n, mean }: Pattern['support']['with']): string {
  return `${percent(mean)} of ${count(n)}`;
}

/** What the runs cannot tell, and what only looks like a finding. */
export function renderOpenQuestions({ notYetKnown, marginalFindings }: Review): Html {
  const open =
    notYetKnown.length === 0
      ? html`<p>No question is near enough to an answer to be named.</p>`
      : html`<ul class="open">
          ${notYetKnown.map(question)}
        </ul>`;
  const refuted =
    marginalFindings.length === 0
      ? nothing
      : html`<h3>Looks like a pattern, and is none</h3>
          <ul class="open">
            ${marginalFindings.map(question)}
          </ul>`;
  return html`<h2>Not known yet</h2>
    <p class="quiet">Questions that the runs do not settle, the nearest to an answer first.</p>
    ${open} ${refuted}`;
}

function question({
  dimension,
  sentence,
}: Review['notYetKnown'][number] | Review['marginalFindings'][number]): Html {
  const about = dimension === 'reward' ? '' : `For ${shorten(dimension, 60)}: `;
  return html`<li>${about}${shorten(sentence, 1_000)}</li> `;
}
