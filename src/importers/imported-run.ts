import type { RewardClaim } from '../model/reward';
import type { SpanRecord } from '../model/span';

/** Something in a file that could not be taken, where it stands and why; its neighbours live. */
export interface ImportRefusal {
  readonly reason: string;
  /** e.g. `simulations[3]`, `line 7, resourceSpans[0], span 2`. */
  readonly where: string;
}

/** One run, request or line of a file: what is worth storing together. */
export interface ImportedRun {
  readonly spans: readonly SpanRecord[];
  readonly rewards: readonly RewardClaim[];
  readonly refused: readonly ImportRefusal[];
}

/** A JSON value cut out of a document. */
export interface ImportRecord {
  /** Where in the document's shape: `[]` an element of the root array, `.tasks[]` of `tasks`. */
  readonly path: string;
  readonly where: string;
  readonly value: unknown;
}

/** Reads the records of one document in their order; `null` where a record is no run by itself. */
export type RecordReader = (record: ImportRecord) => ImportedRun | null;

/** One file format. */
export interface ImportFormatReader {
  /** Paths of the values that the format is made of; everything else in a document is skipped. */
  readonly records: readonly string[];
  /** Key paths that only this format has near its beginning. */
  readonly marks: readonly string[];
  /** A new reader for a new document of the file called `name`. */
  open(context: ImportContext): RecordReader;
}

export interface ImportContext {
  /** Name of the file, for what only a name tells (the agent of a tau-bench file). */
  readonly name: string;
  /** The OTLP/JSON decoder of the `otlp` room. */
  readonly decodeOtlpJson: DecodeOtlpJson;
}

export type DecodeOtlpJson = (value: unknown) => {
  readonly spans: readonly SpanRecord[];
  readonly refused: readonly { readonly index: number; readonly reason: string }[];
  /** Spans beyond a limit of the decoder, which it did not look at. */
  readonly overLimit?: number;
};

export function refusedRun(where: string, reason: string): ImportedRun {
  return { spans: [], rewards: [], refused: [{ where, reason }] };
}
