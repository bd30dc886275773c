import { emptyAttributes, type MutableAttributes } from '../model/attributes';
import { OtlpDecodeError } from './otlp-decode-error';
import type { OtlpLimits } from './otlp-limits';

/** Whatever carries attributes and says how many it lost. */
export interface AttributeOwner {
  readonly attributes: MutableAttributes;
  droppedAttributesCount: number;
}

/** A map in the attributes of an owner: by key, how many bytes were sent of the texts and byte arrays that were cut. */
export const ORIGINAL_BYTES = 'evolution.original_bytes';

const MAX_UINT32 = 2 ** 32 - 1;

/** What is left of a request's limits while it is decoded, and what had to be cut for them. */
export class DecodeBudget {
  readonly maxDepth: number;
  readonly maxValueBytes: number;
  readonly maxRecords: number;
  readonly #maxValues: number;
  #valuesLeft: number;
  #cut = false;
  /** Of what was cut of the value being read, as it was sent. */
  #originalBytes = 0;
  readonly #cuts = new Map<AttributeOwner, Cuts>();

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

  /** A part of the value being read is left out: of a text or of bytes, which were so many. */
  noteCut(originalBytes = 0): void {
    this.#cut = true;
    this.#originalBytes += originalBytes;
  }

  /** The attribute being read is given up with its record. */
  forgetCut(): void {
    this.#cut = false;
    this.#originalBytes = 0;
  }

  /** The attribute is complete: if anything of it was cut, its owner lost one. */
  chargeCut(owner: AttributeOwner, key: string): void {
    if (!this.#cut) return;
    const cuts = this.#cuts.get(owner) ?? { count: 0, originalBytes: emptyAttributes() };
    cuts.count += 1;
    if (this.#originalBytes > 0) cuts.originalBytes[key] = this.#originalBytes;
    this.#cuts.set(owner, cuts);
    this.forgetCut();
  }

  /** Adds the cuts to the counts that were sent, which may come after their attributes, and tells the sizes before. */
  settle(): void {
    for (const [owner, { count, originalBytes }] of this.#cuts) {
      owner.droppedAttributesCount = Math.min(owner.droppedAttributesCount + count, MAX_UINT32);
      if (Object.keys(originalBytes).length > 0) {
        owner.attributes[ORIGINAL_BYTES] = { map: originalBytes };
      }
    }
  }
}

interface Cuts {
  count: number;
  readonly originalBytes: MutableAttributes;
}
