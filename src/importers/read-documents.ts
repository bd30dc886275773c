import { InputError } from '../errors';
import type { JsonPiece } from './json-splitter';
import { JsonSplitter } from './json-splitter';

/** A record larger than this is refused: a run, a trace or a resource's spans are far smaller. */
const maxRecordBytes = 64 * 1024 * 1024;

export interface DocumentPiece {
  /** Counts documents: each line of a file of JSON lines is one. */
  readonly document: number;
  readonly piece: JsonPiece;
}

/**
 * Cuts a stream into documents and these into the wanted values. Whether a file is one document or
 * JSON lines is seen at its first line break: after `{`, `[`, `,` or `:` one document goes on, after
 * anything else a line is a document, so that a broken line costs nothing but itself.
 */
export async function* readDocuments(
  bytes: AsyncIterable<Buffer>,
  wanted: readonly string[],
): AsyncGenerator<DocumentPiece> {
  const reader = new DocumentReader(wanted);
  try {
    for await (const chunk of bytes) yield* reader.push(chunk);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    yield reader.stop(error.message);
    return;
  }
  yield* reader.end();
}

class DocumentReader {
  readonly #wanted: readonly string[];
  #splitter: JsonSplitter;
  #document = 0;
  #layout: 'unknown' | 'lines' | 'whole' = 'unknown';
  #lastByte: number | null = null;
  #refused = false;

  constructor(wanted: readonly string[]) {
    this.#wanted = wanted;
    this.#splitter = new JsonSplitter(wanted, maxRecordBytes);
  }

  push(chunk: Buffer): DocumentPiece[] {
    const pieces: DocumentPiece[] = [];
    let from = 0;
    while (from < chunk.length) {
      const newline = this.#layout === 'whole' ? -1 : chunk.indexOf(0x0a, from);
      const part = chunk.subarray(from, newline === -1 ? chunk.length : newline);
      this.#lastByte = lastVisibleByte(part) ?? this.#lastByte;
      this.#add(pieces, this.#splitter.push(part));
      if (newline === -1) break;
      this.#decideLayout();
      if (this.#layout === 'lines') this.#nextLine(pieces);
      from = newline + 1;
    }
    return pieces;
  }

  end(): DocumentPiece[] {
    const pieces: DocumentPiece[] = [];
    this.#finish(pieces);
    return pieces;
  }

  stop(reason: string): DocumentPiece {
    return this.#label({ where: '', refused: reason });
  }

  /** A file may begin with empty lines: they decide nothing. */
  #decideLayout(): void {
    if (this.#layout !== 'unknown' || this.#lastByte === null) return;
    this.#layout = goesOn.has(this.#lastByte) ? 'whole' : 'lines';
  }

  #nextLine(pieces: DocumentPiece[]): void {
    this.#finish(pieces);
    this.#document += 1;
    this.#splitter = new JsonSplitter(this.#wanted, maxRecordBytes);
    this.#lastByte = null;
    this.#refused = false;
  }

  #finish(pieces: DocumentPiece[]): void {
    this.#add(pieces, this.#splitter.end());
    if (this.#lastByte === null || this.#refused || this.#splitter.matched) return;
    const expected = this.#wanted.map((path) => (path === '' ? 'an object' : path)).join(' or ');
    this.#add(pieces, [{ where: '', refused: `expected ${expected}, found none` }]);
  }

  #add(pieces: DocumentPiece[], found: readonly JsonPiece[]): void {
    for (const piece of found) {
      if ('refused' in piece) this.#refused = true;
      pieces.push(this.#label(piece));
    }
  }

  #label(piece: JsonPiece): DocumentPiece {
    const place = this.#layout === 'whole' ? '' : `line ${this.#document + 1}`;
    const where = [place, piece.where].filter((part) => part !== '').join(', ');
    return { document: this.#document, piece: { ...piece, where: where || 'document' } };
  }
}

const goesOn = new Set([...'{[,:'].map((character) => character.charCodeAt(0)));

function lastVisibleByte(part: Buffer): number | null {
  for (let at = part.length - 1; at >= 0; at -= 1) {
    const byte = part[at] ?? 0;
    if (byte > 0x20) return byte;
  }
  return null;
}
