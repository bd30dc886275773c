/** Markup that this room has made; every other value is text. */
export interface Html {
  readonly markup: string;
}

type Part = Html | readonly Html[] | string | number;

/** A template in which every value that is not `Html` becomes an escaped text node or attribute value. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const pieces = strings.map((piece, index) => piece + toMarkup(parts[index] ?? ''));
  return { markup: pieces.join('') };
}

/** For what this package has written itself: its style and its script. */
export function trusted(markup: string): Html {
  return { markup };
}

export const nothing: Html = trusted('');

/** Replaces what could end the element; JSON means the same with the escapes. */
export function jsonForScript(value: unknown): Html {
  return trusted(
    JSON.stringify(value)
      .replaceAll('<', '\\u003c')
      .replaceAll('>', '\\u003e')
      .replaceAll('&', '\\u0026')
      .replaceAll('\u2028', '\\u2028')
      .replaceAll('\u2029', '\\u2029'),
  );
}

/** Shown instead of what changes the direction or cannot be seen, so that a text cannot pose as another. */
const invisible =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;

function printable(text: string): string {
  return text.replace(invisible, '\ufffd');
}

/** At most so many characters, the cut marked. */
export function shorten(text: string, most: number): string {
  const characters = Array.from(text.slice(0, 2 * most + 2));
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

/** Plotly reads a little markup and entities in every label; this leaves it none. */
export function plotlyText(text: string, most = 60): string {
  return escape(shorten(printable(text), most));
}

function toMarkup(part: Part): string {
  if (typeof part === 'string') return escape(printable(part));
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
