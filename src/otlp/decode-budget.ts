import { OtlpDecodeError } from './otlp-decode-error';
import type { OtlpLimits } from './otlp-limits';

/** Whatever carries attributes and says how many it lost. */
export interface AttributeOwner {
  droppedAttributesCount: number;
}

const MAX_UINT32 = 2 ** 32 - 1;

/** What is left of a request's limits while it is decoded, and what had to be cut for them. */
export class DecodeBudget {
  readonly maxDepth: number;
  readonly maxValueBytes: number;
  readonly maxRecords: number;
  readonly #maxValues: number;
  #valuesLeft: number;
  #cut = false;
  readonly #cuts = new Map<AttributeOwner, number>();

  constructor(limits: OtlpLimits) {
    this.maxDepth = limits.maxDepth;
    this.maxValueBytes = limits.maxValueBytes;
    this.maxRecords = limits.maxRecords;
    this.#maxValues = limits.maxValues;
    this.#valuesLeft = limits.maxValues;
  }

  /** Counts one attribute, list element, event, link, resource or scope. */
  spend(): void {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft < 0) {
      throw new OtlpDecodeError(
        `expected at most ${this.#maxValues} attributes, list elements, events, links, resources and scopes in one request, came more; send smaller batches`,
      );
    }
  }

  /** Whether `spend` has refused; then the whole request goes, not only the record that asked. */
  get isOverdrawn(): boolean {
    return this.#valuesLeft < 0;
  }

  /** A part of the value being read is left out. */
  noteCut(): void {
    this.#cut = true;
  }

  /** The attribute being read is given up with its record. */
  forgetCut(): void {
    this.#cut = false;
  }

  /** The attribute is complete: if anything of it was cut, its owner lost one. */
  chargeCut(owner: AttributeOwner): void {
    if (!this.#cut) return;
    this.#cut = false;
    this.#cuts.set(owner, (this.#cuts.get(owner) ?? 0) + 1);
  }

  /** Adds the cuts to the counts that were sent, which may come after their attributes. */
  settle(): void {
    for (const [owner, cuts] of this.#cuts) {
      owner.droppedAttributesCount = Math.min(owner.droppedAttributesCount + cuts, MAX_UINT32);
    }
  }
}
