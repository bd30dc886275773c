/** Deepest nesting of a record; `JSON.stringify` and our own walks recurse. */
const maxRecordDepth = 200;
const maxKeyBytes = 65_536;

/**
 * Cuts the values at the wanted paths out of a JSON document of any length, holding one record at a
 * time. Within a record only brackets and strings are counted, so that a record with a syntax
 * error does not cost its neighbours; the record's own syntax is for `JSON.parse` to judge.
 */
export class JsonSplitter {
  readonly #wanted: readonly string[];
  readonly #maxRecordBytes: number;
  readonly #frames: Frame[] = [];
  readonly #pieces: JsonPiece[] = [];
  #state: State = 'between';
  #path = '';
  #where = '';
  #matched = false;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #problem: string | null = null;
  #slices: Buffer[] = [];
  #sliceBytes = 0;
  #capturing = false;

  constructor(wanted: readonly string[], maxRecordBytes: number) {
    this.#wanted = wanted;
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** A wanted value, or a list that holds wanted values, was met. */
  get matched(): boolean {
    return this.#matched;
  }

  push(chunk: Buffer): JsonPiece[] {
    let at = 0;
    while (at < chunk.length) at = this.#step(chunk, at);
    return this.#pieces.splice(0);
  }

  /** The document ends here; says so where it ends in the middle of something. */
  end(): JsonPiece[] {
    if (this.#state === 'scalar') this.#finishValue();
    const open = this.#state !== 'between' && this.#state !== 'broken';
    if (open || (this.#state === 'between' && this.#frames.length > 0)) {
      this.#pieces.push({ where: this.#place(), refused: 'the document ends in the middle' });
    }
    return this.#pieces.splice(0);
  }

  #step(chunk: Buffer, at: number): number {
    switch (this.#state) {
      case 'between':
        return this.#between(chunk, at);
      case 'key':
      case 'string':
        return this.#readString(chunk, at);
      case 'composite':
        return this.#readComposite(chunk, at);
      case 'scalar':
        return this.#readScalar(chunk, at);
      case 'broken':
        return chunk.length;
    }
  }

  #between(chunk: Buffer, at: number): number {
    const byte = chunk[at] ?? 0;
    if (isSpace(byte) || byte === comma || byte === colon) return at + 1;
    const frame = this.#frames.at(-1);
    if (byte === closeBracket || byte === closeBrace) return this.#close(byte, at);
    if (frame?.kind === '{' && frame.key === null) {
      if (byte !== quote) return this.#break(`expected a key, found ${show(byte)}`);
      this.#begin('key', true);
      return this.#readString(chunk, at, true);
    }
    return this.#startValue(chunk, at, byte);
  }

  #startValue(chunk: Buffer, at: number, byte: number): number {
    this.#path = this.#valuePath();
    this.#where = this.#place();
    const opening = byte === openBracket ? '[' : byte === openBrace ? '{' : null;
    const inner = opening === '[' ? `${this.#path}[]` : `${this.#path}.`;
    if (opening !== null && this.#wanted.some((path) => path.startsWith(inner))) {
      if (opening === '[') this.#matched = true;
      this.#frames.push({ kind: opening, path: this.#path, key: null, index: 0 });
      return at + 1;
    }
    const capture = this.#wanted.includes(this.#path);
    if (capture) this.#matched = true;
    if (opening !== null) {
      this.#begin('composite', capture);
      return this.#readComposite(chunk, at);
    }
    if (byte === quote) {
      this.#begin('string', capture);
      return this.#readString(chunk, at, true);
    }
    if (!isScalarStart(byte)) return this.#break(`expected a value, found ${show(byte)}`);
    this.#begin('scalar', capture);
    return this.#readScalar(chunk, at);
  }

  #close(byte: number, at: number): number {
    const frame = this.#frames.pop();
    const expected = frame === undefined ? null : frame.kind === '[' ? closeBracket : closeBrace;
    if (byte !== expected) return this.#break(`found ${show(byte)} where nothing is open for it`);
    this.#valueDone();
    return at + 1;
  }

  #readComposite(chunk: Buffer, from: number): number {
    let at = from;
    for (; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) this.#inString = false;
      } else if (byte === quote) this.#inString = true;
      else if (byte === openBrace || byte === openBracket) {
        this.#depth += 1;
        if (this.#depth > maxRecordDepth) this.#refuse(`nested deeper than ${maxRecordDepth}`);
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#depth -= 1;
        if (this.#depth === 0) {
          this.#keep(chunk, from, at + 1);
          this.#finishValue();
          return at + 1;
        }
      }
    }
    this.#keep(chunk, from, at);
    return at;
  }

  /** Of a key or a string by itself; `opening`: the byte at `from` is its first quote. */
  #readString(chunk: Buffer, from: number, opening = false): number {
    let at = opening ? from + 1 : from;
    for (; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (this.#escaped) this.#escaped = false;
      else if (byte === backslash) this.#escaped = true;
      else if (byte === quote) {
        this.#keep(chunk, from, at + 1);
        if (this.#state === 'key') this.#finishKey();
        else this.#finishValue();
        return at + 1;
      }
    }
    this.#keep(chunk, from, at);
    return at;
  }

  #readScalar(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && !endsScalar(chunk[at] ?? 0)) at += 1;
    this.#keep(chunk, from, at);
    if (at < chunk.length) this.#finishValue();
    return at;
  }

  #begin(state: State, capture: boolean): void {
    this.#state = state;
    this.#capturing = capture;
    this.#depth = 0;
    this.#inString = false;
    this.#escaped = false;
    this.#problem = null;
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    if (!this.#capturing || to === from) return;
    const limit = this.#state === 'key' ? maxKeyBytes : this.#maxRecordBytes;
    this.#sliceBytes += to - from;
    if (this.#sliceBytes > limit) return this.#refuse(`larger than ${limit} bytes`);
    this.#slices.push(chunk.subarray(from, to));
  }

  #refuse(reason: string): void {
    if (!this.#capturing) return;
    this.#problem = reason;
    this.#capturing = false;
    this.#slices = [];
  }

  #take(): string {
    const text = Buffer.concat(this.#slices).toString('utf8');
    this.#slices = [];
    this.#sliceBytes = 0;
    return text;
  }

  #finishKey(): void {
    const frame = this.#frames.at(-1);
    const text = this.#take();
    if (frame !== undefined) frame.key = this.#problem === null ? keyOf(text) : '';
    this.#state = 'between';
  }

  #finishValue(): void {
    const text = this.#take();
    if (this.#problem !== null) this.#pieces.push({ where: this.#where, refused: this.#problem });
    else if (this.#capturing) this.#pieces.push({ path: this.#path, where: this.#where, text });
    this.#capturing = false;
    this.#state = 'between';
    this.#valueDone();
  }

  #valueDone(): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return;
    frame.key = null;
    frame.index += 1;
  }

  #break(reason: string): number {
    this.#pieces.push({ where: this.#place(), refused: `not JSON: ${reason}` });
    this.#state = 'broken';
    return Number.MAX_SAFE_INTEGER;
  }

  #valuePath(): string {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return '';
    return frame.kind === '[' ? `${frame.path}[]` : `${frame.path}.${frame.key ?? ''}`;
  }

  #place(): string {
    let place = '';
    for (const { kind, key, index } of this.#frames) {
      if (kind === '[') place += `[${index}]`;
      else if (key !== null) place += place === '' ? key : `.${key}`;
    }
    return place;
  }
}

type State = 'between' | 'key' | 'string' | 'composite' | 'scalar' | 'broken';

interface Frame {
  readonly kind: '[' | '{';
  readonly path: string;
  key: string | null;
  index: number;
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Of a number, `true`, `false`, `null`, or of what some writers put for them (`NaN`, `Infinity`). */
function isScalarStart(byte: number): boolean {
  return byte === 0x2d || (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x7a);
}

function endsScalar(byte: number): boolean {
  return isSpace(byte) || byte === comma || byte === closeBrace || byte === closeBracket;
}

function keyOf(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text; // a key with a bad escape is none that we look for
  }
}

function show(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte ${byte}`;
}

/** A value cut out of a document as text, or the place where none could be had. */
export type JsonPiece =
  | { readonly path: string; readonly where: string; readonly text: string }
  | { readonly where: string; readonly refused: string };
