import type { Span } from '../model/span';

/**
 * JSON lines: one span a line, in the form that `toWire` gives it (snake_case, 64-bit integers as
 * strings, as HTTP answers).
 */
export async function* exportJsonl(
  spans: AsyncIterable<Span>,
  toWire: (span: Span) => unknown,
): AsyncGenerator<string> {
  for await (const span of spans) yield `${JSON.stringify(toWire(span))}\n`;
}
