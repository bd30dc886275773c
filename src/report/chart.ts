import type { Figure } from './figures';
import type { Html } from './html';
import { html } from './html';

/** The figures of one page, in the order of their places. */
export interface Figures {
  readonly all: readonly Figure[];
  /** A place for the figure, told in words, with its table. */
  place(figure: Figure, caption: string, table: Html): Html;
}

export function createFigures(): Figures {
  const all: Figure[] = [];
  return {
    all,
    place(figure, caption, table) {
      const index = all.push(figure) - 1;
      return html`<figure>
        <figcaption>${caption}</figcaption>
        <div
          class="chart"
          role="img"
          aria-label="${caption}; its numbers stand in the table below"
          data-figure="${index}"
        ></div>
        ${table}
      </figure>`;
    },
  };
}

export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string | Html;
  readonly numeric?: boolean;
}

export function table<T>(caption: string, rows: readonly T[], columns: readonly Column<T>[]): Html {
  const head = columns.map(
    ({ title, numeric }) =>
      html`<th scope="col" class="${numeric === true ? 'n' : 't'}">${title}</th>`,
  );
  const body = rows.map((row) => {
    const cells = columns.map(
      ({ value, numeric }) => html`<td class="${numeric === true ? 'n' : 't'}">${value(row)}</td>`,
    );
    return html`<tr>
      ${cells}
    </tr> `;
  });
  return html`<div class="wide" tabindex="0" role="group" aria-label="${caption}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

/** Closed, also on paper, where its chart stands for it, unless the reader has opened it. */
export function folded(summary: string, content: Html): Html {
  return html`<details class="table">
    <summary>${summary}</summary>
    ${content}
  </details>`;
}
