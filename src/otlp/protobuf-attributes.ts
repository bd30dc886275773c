import { type AttributeValue, emptyAttributes, type MutableAttributes } from '../model/attributes';
import { canonicalDouble, cutText } from './canonical-value';
import type { AttributeOwner } from './decode-budget';
import type { ProtobufReader } from './protobuf-reader';

/** Short values recur: model, tool, agent. */
const SHORT_TEXT_BYTES = 24;

/** Reads one `KeyValue` into its owner's attributes; of two with one key the later wins. */
export function readAttribute(reader: ProtobufReader, owner: AttributeOwner): void {
  reader.budget.chargeCut(owner, readKeyValue(reader, owner.attributes, 1));
}

/** Gives the key. */
function readKeyValue(reader: ProtobufReader, into: MutableAttributes, depth: number): string {
  reader.budget.spend();
  const outerEnd = reader.enter();
  let key = '';
  let value: AttributeValue = null;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) key = reader.name();
    else if (tag === 0x12) value = readAnyValue(reader, value, depth);
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  into[key] = value;
  return key;
}

/** `before` is what an earlier part of the same message said. */
function readAnyValue(
  reader: ProtobufReader,
  before: AttributeValue,
  depth: number,
): AttributeValue {
  const outerEnd = reader.enter();
  let value = before;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case 0x0a:
        value = readText(reader);
        break;
      case 0x10:
        value = reader.bool();
        break;
      case 0x18:
        value = reader.int64();
        break;
      case 0x21:
        value = canonicalDouble(reader.double());
        break;
      case 0x2a:
        value = readList(reader, value, depth);
        break;
      case 0x32:
        value = readMap(reader, value, depth);
        break;
      case 0x3a:
        value = readBytes(reader);
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.leave(outerEnd);
  return value;
}

function readText(reader: ProtobufReader): string {
  const size = reader.size();
  if (size <= SHORT_TEXT_BYTES) return reader.term(size);
  if (size <= reader.budget.maxValueBytes) return reader.utf8(size);
  reader.budget.noteCut(size);
  return cutText(reader.bytes(size), reader.budget.maxValueBytes);
}

function readBytes(reader: ProtobufReader): AttributeValue {
  const bytes = reader.bytes(reader.size());
  if (bytes.length > reader.budget.maxValueBytes) reader.budget.noteCut(bytes.length);
  return { bytes: bytes.toString('base64', 0, reader.budget.maxValueBytes) };
}

function readList(reader: ProtobufReader, before: AttributeValue, depth: number): AttributeValue {
  const outerEnd = reader.enter();
  const list = isList(before) ? before : [];
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== 0x0a) {
      reader.skip(tag);
    } else if (depth < reader.budget.maxDepth) {
      reader.budget.spend();
      list.push(readAnyValue(reader, null, depth + 1));
    } else {
      reader.budget.noteCut();
      reader.skip(tag);
    }
  }
  reader.leave(outerEnd);
  return list;
}

function readMap(reader: ProtobufReader, before: AttributeValue, depth: number): AttributeValue {
  const outerEnd = reader.enter();
  const map = isMap(before) ? before.map : emptyAttributes();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== 0x0a) {
      reader.skip(tag);
    } else if (depth < reader.budget.maxDepth) {
      readKeyValue(reader, map, depth + 1);
    } else {
      reader.budget.noteCut();
      reader.skip(tag);
    }
  }
  reader.leave(outerEnd);
  return { map };
}

/** Lists and maps are made here only, so that a later part of the same message may go on with one. */
function isList(value: AttributeValue): value is AttributeValue[] {
  return Array.isArray(value);
}

function isMap(value: AttributeValue): value is { readonly map: MutableAttributes } {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'map');
}
