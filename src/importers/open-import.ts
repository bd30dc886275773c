import type { Readable } from 'node:stream';
import { EvolutionError } from '../errors';
import type { ImportFormat } from './import-formats';
import { detectFormat, formatReaders } from './import-formats';
import type {
  DecodeOtlpJson,
  ImportContext,
  ImportedRun,
  ImportFormatReader,
  RecordReader,
} from './imported-run';
import { refusedRun } from './imported-run';
import type { JsonPiece } from './json-splitter';
import { parseJson } from './json-value';
import { peekBytes, readBytes } from './read-bytes';
import { readDocuments } from './read-documents';

export interface OpenImportOptions {
  /** The file's bytes, gzip or not. */
  readonly input: Readable;
  /** The file's name, for what only it tells. */
  readonly name: string;
  readonly format: ImportFormat | 'auto';
  /** The decoder of the `otlp` room. */
  readonly decodeOtlpJson: DecodeOtlpJson;
  /** Told of raw bytes as they are read, for a progress bar. */
  readonly onBytes?: ((count: number) => void) | undefined;
  /** Told once which format is read. */
  readonly onFormat?: ((format: ImportFormat) => void) | undefined;
}

/** Bytes that `auto` looks at. */
const headBytes = 65_536;

/**
 * Reads a file of agent runs as span records: one item for each run, request or line, of which only
 * one is held at a time. What cannot be read is an item's `refused`; its neighbours live, and of a
 * file that breaks off, everything before the break.
 *
 * @throws InputError (`format_unknown`, while reading) where `auto` finds no format.
 */
export async function* openImport(options: OpenImportOptions): AsyncGenerator<ImportedRun> {
  const { input, name, decodeOtlpJson, onBytes = () => undefined } = options;
  const { head, bytes } = await peekBytes(readBytes(input, onBytes), headBytes);
  const format = options.format === 'auto' ? detectFormat(head) : options.format;
  options.onFormat?.(format);
  yield* readRuns(bytes, formatReaders[format], { name, decodeOtlpJson });
}

async function* readRuns(
  bytes: AsyncIterable<Buffer>,
  format: ImportFormatReader,
  context: ImportContext,
): AsyncGenerator<ImportedRun> {
  let current = -1;
  let read = format.open(context);
  for await (const { document, piece } of readDocuments(bytes, format.records)) {
    if (document !== current) read = format.open(context);
    current = document;
    const run = readPiece(read, piece);
    if (run !== null) yield run;
  }
}

function readPiece(read: RecordReader, piece: JsonPiece): ImportedRun | null {
  if ('refused' in piece) return refusedRun(piece.where, piece.refused);
  const { path, where } = piece;
  try {
    return read({ path, where, value: parseJson(piece.text) });
  } catch (error) {
    if (error instanceof SyntaxError) return refusedRun(where, `not JSON: ${error.message}`);
    if (error instanceof EvolutionError) return refusedRun(where, error.message);
    throw error;
  }
}
