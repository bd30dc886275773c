export type OtlpEncoding = 'protobuf' | 'json';

export interface RefusedRecord {
  /** Position among the request's spans or log records, in the order they were sent, from 0. */
  readonly index: number;
  readonly reason: string;
}

/** Sorts the records of one request into kept, refused and too many. */
export class DecodedRecords<T> {
  readonly kept: T[] = [];
  /** Positions of the kept among all that were sent, from 0. */
  readonly positions: number[] = [];
  readonly refused: RefusedRecord[] = [];
  ignored = 0;
  overLimit = 0;
  readonly #maxRecords: number;
  #index = 0;

  constructor(maxRecords: number) {
    this.#maxRecords = maxRecords;
  }

  /** Whether the next record is beyond the limit: it is counted and must not be read. */
  skipsNext(): boolean {
    if (this.#index < this.#maxRecords) return false;
    this.overLimit += 1;
    return true;
  }

  keep(record: T): void {
    this.positions.push(this.#index);
    this.#index += 1;
    this.kept.push(record);
  }

  refuse(reason: string): void {
    this.refused.push({ index: this.#index, reason });
    this.#index += 1;
  }

  /** The record is nobody's business here. */
  ignore(): void {
    this.#index += 1;
    this.ignored += 1;
  }
}
