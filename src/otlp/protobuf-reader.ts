import type { AttributeValue } from '../model/attributes';
import type { DecodeBudget } from './decode-budget';
import { OtlpDecodeError } from './otlp-decode-error';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED32 = 5;

const MAX_ID_BYTES = 32;
const MAX_GROUP_DEPTH = 100;
const MAX_TERM_BYTES = 64;
const TERM_SLOTS = 1024;

/**
 * One pass over a protobuf message. Reads what the schema's owner asks for and checks every length
 * against the end of the innermost message.
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufReader {
  /** Offset of the next byte. */
  position = 0;
  readonly budget: DecodeBudget;
  readonly #buffer: Buffer;
  #end: number;
  #low = 0;
  #high = 0;
  readonly #words = new Uint32Array(2);
  readonly #asUnsigned = new BigUint64Array(this.#words.buffer);
  readonly #asSigned = new BigInt64Array(this.#words.buffer);
  readonly #asDouble = new Float64Array(this.#words.buffer);
  readonly #terms = new Array<string>(TERM_SLOTS).fill('');
  readonly #termSizes = new Uint8Array(TERM_SLOTS);
  readonly #termBytes = new Uint8Array(TERM_SLOTS * MAX_TERM_BYTES);

  constructor(bytes: Uint8Array, budget: DecodeBudget) {
    this.budget = budget;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.byteLength;
  }

  /** The next tag (`field number << 3 | wire type`), or 0 at the end of the message. */
  tag(): number {
    if (this.position >= this.#end) return 0;
    const byte = this.#buffer[this.position]!;
    if (byte < 0x80) this.position += 1;
    const tag = byte < 0x80 ? byte : this.#longTag();
    if (tag < 8) throw this.fault('a field number from 1', 'field number 0');
    return tag;
  }

  /** Enters the message that follows; give the result to `leave` after its last tag. */
  enter(): number {
    const size = this.size();
    const outerEnd = this.#end;
    this.#end = this.position + size;
    return outerEnd;
  }

  leave(outerEnd: number): void {
    this.#end = outerEnd;
  }

  /** Leaves the current message without reading the rest of it. */
  abandon(outerEnd: number): void {
    this.position = this.#end;
    this.#end = outerEnd;
  }

  /** Length of what follows, which lies within the message. */
  size(): number {
    const start = this.position;
    this.#varint();
    const tooLong = this.#high !== 0 || this.position - start > 5;
    if (tooLong) throw this.fault('a length of at most 32 bits', 'a longer one');
    this.#need(this.#low);
    return this.#low;
  }

  bool(): boolean {
    this.#varint();
    return (this.#low | this.#high) !== 0;
  }

  uint32(): number {
    this.#varint();
    return this.#low;
  }

  int32(): number {
    this.#varint();
    return this.#low | 0;
  }

  /** An int64 in canonical form. */
  int64(): AttributeValue {
    this.#varint();
    const high = this.#high | 0;
    const value = high * 0x1_0000_0000 + this.#low;
    if (Number.isSafeInteger(value)) return value;
    this.#words[0] = this.#low;
    this.#words[1] = this.#high;
    return { int: this.#asSigned[0]!.toString() };
  }

  fixed32(): number {
    this.#need(4);
    return this.#word();
  }

  fixed64(): bigint {
    this.#readWords();
    return this.#asUnsigned[0]!;
  }

  double(): number {
    this.#readWords();
    return this.#asDouble[0]!;
  }

  text(): string {
    return this.utf8(this.size());
  }

  /** Text that recurs: a key, a name. */
  name(): string {
    return this.term(this.size());
  }

  /** The next `size` bytes as text; invalid UTF-8 becomes U+FFFD. */
  utf8(size: number): string {
    const start = this.position;
    this.position = start + size;
    return size === 0 ? '' : this.#buffer.toString('utf8', start, this.position);
  }

  /** The next `size` bytes as text of a small vocabulary: the same text is mostly the same object. */
  term(size: number): string {
    if (size === 0 || size > MAX_TERM_BYTES) return this.utf8(size);
    const start = this.position;
    const slot = this.#termSlot(start, size);
    if (!this.#isTerm(slot, start, size)) {
      this.#buffer.copy(this.#termBytes, slot * MAX_TERM_BYTES, start, start + size);
      this.#termSizes[slot] = size;
      return (this.#terms[slot] = this.utf8(size));
    }
    this.position = start + size;
    return this.#terms[slot]!;
  }

  /** A view of the next `size` bytes. */
  bytes(size: number): Buffer {
    const start = this.position;
    this.position = start + size;
    return this.#buffer.subarray(start, this.position);
  }

  /** Lower-case hex of an id; of one that is too long, enough to show. */
  id(): string {
    const size = this.size();
    const start = this.position;
    this.position = start + size;
    return this.#buffer.toString('hex', start, start + Math.min(size, MAX_ID_BYTES));
  }

  /** Skips the field of `tag`, with all that a group holds. */
  skip(tag: number): void {
    const openGroups: number[] = [];
    let next = tag;
    for (;;) {
      const type = next & 7;
      if (type === START_GROUP) {
        if (openGroups.length === MAX_GROUP_DEPTH) throw this.fault('fewer nested groups', 'more');
        openGroups.push(next >>> 3);
      } else if (type !== END_GROUP) {
        this.#skipValue(type);
      } else if (openGroups.pop() !== next >>> 3) {
        throw this.fault('a group to end where it began', `the end of group ${next >>> 3}`);
      }
      if (openGroups.length === 0) return;
      next = this.tag();
      if (next === 0) throw this.fault('the end of a group', 'the end of the message');
    }
  }

  fault(expected: string, came: string): OtlpDecodeError {
    return new OtlpDecodeError(
      `protobuf, at byte ${this.position}: expected ${expected}, came ${came}`,
    );
  }

  #skipValue(type: number): void {
    if (type === VARINT) this.#varint();
    else if (type === FIXED64) this.#advance(8);
    else if (type === LENGTH_DELIMITED) this.#advance(this.size());
    else if (type === FIXED32) this.#advance(4);
    else throw this.fault('a wire type from 0 to 5', String(type));
  }

  #advance(size: number): void {
    this.#need(size);
    this.position += size;
  }

  #need(size: number): void {
    const left = this.#end - this.position;
    if (size > left) throw this.fault(`${size} more bytes`, `${left}`);
  }

  #readWords(): void {
    this.#need(8);
    this.#words[0] = this.#word();
    this.#words[1] = this.#word();
  }

  #word(): number {
    const at = this.position;
    const buffer = this.#buffer;
    this.position = at + 4;
    const low = buffer[at]! | (buffer[at + 1]! << 8) | (buffer[at + 2]! << 16);
    return (low | (buffer[at + 3]! << 24)) >>> 0;
  }

  /** A tag of more than one byte: at most 32 bits. */
  #longTag(): number {
    const start = this.position;
    this.#varint();
    const tooLong = this.#high !== 0 || this.position - start > 5;
    if (tooLong) throw this.fault('a tag of at most 32 bits', 'a longer one');
    return this.#low;
  }

  /** Sets `#low` and `#high`; bits above 64 are dropped, more than ten bytes are refused. */
  #varint(): void {
    const first = this.#buffer[this.position]!;
    if (first < 0x80 && this.position < this.#end) {
      this.position += 1;
      this.#low = first;
      this.#high = 0;
    } else {
      this.#longVarint();
    }
  }

  #longVarint(): void {
    const buffer = this.#buffer;
    let low = 0;
    let high = 0;
    for (let i = 0; i < 10; i += 1) {
      if (this.position >= this.#end) throw this.fault('the rest of a varint', 'the end');
      const byte = buffer[this.position]!;
      this.position += 1;
      const bits = byte & 0x7f;
      if (i < 4) low |= bits << (7 * i);
      else if (i > 4) high |= bits << (7 * i - 32);
      else {
        low |= bits << 28;
        high |= bits >>> 4;
      }
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    throw this.fault('a varint of at most 10 bytes', 'a longer one');
  }

  /** Of the size and of the bytes at the quarters, where keys with one prefix differ. */
  #termSlot(start: number, size: number): number {
    const buffer = this.#buffer;
    const last = start + size - 1;
    let hash = size;
    hash = Math.imul(hash, 31) + buffer[last]!;
    hash = Math.imul(hash, 31) + buffer[last - (size >> 2)]!;
    hash = Math.imul(hash, 31) + buffer[start + (size >> 1)]!;
    hash = Math.imul(hash, 31) + buffer[start + (size >> 2)]!;
    return (Math.imul(hash, 0x9e3779b1) >>> 16) % TERM_SLOTS;
  }

  #isTerm(slot: number, start: number, size: number): boolean {
    if (this.#termSizes[slot] !== size) return false;
    const buffer = this.#buffer;
    const termBytes = this.#termBytes;
    const offset = slot * MAX_TERM_BYTES - start;
    const end = start + size;
    for (let at = start; at < end; at += 1) {
      if (termBytes[offset + at] !== buffer[at]) return false;
    }
    return true;
  }
}
