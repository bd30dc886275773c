import { type AttributeValue, emptyAttributes, type MutableAttributes } from '../model/attributes';
import { canonicalDouble, canonicalInt, cutText } from './canonical-value';
import type { AttributeOwner, DecodeBudget } from './decode-budget';
import {
  asObject,
  booleanField,
  bytesField,
  doubleField,
  int64Field,
  type JsonObject,
  listField,
  objectField,
  textField,
} from './json-fields';

/** Fills the owner's attributes from its `attributes` list; of two with one key the later wins. */
export function decodeAttributes(
  from: JsonObject,
  owner: AttributeOwner,
  budget: DecodeBudget,
): void {
  for (const item of listField(from, 'attributes')) {
    budget.chargeCut(owner, decodeKeyValue(item, owner.attributes, budget, 1));
  }
}

/** Gives the key. */
function decodeKeyValue(
  item: unknown,
  into: MutableAttributes,
  budget: DecodeBudget,
  depth: number,
): string {
  budget.spend();
  const pair = asObject(item, 'attribute');
  const key = textField(pair, 'key');
  into[key] = decodeAnyValue(objectField(pair, 'value'), budget, depth);
  return key;
}

function decodeAnyValue(
  value: JsonObject | null,
  budget: DecodeBudget,
  depth: number,
): AttributeValue {
  const has = (name: string): boolean => value !== null && (value[name] ?? null) !== null;
  if (value === null) return null;
  if (has('stringValue')) return decodeText(textField(value, 'stringValue'), budget);
  if (has('boolValue')) return booleanField(value, 'boolValue');
  if (has('intValue')) return canonicalInt(int64Field(value, 'intValue'));
  if (has('doubleValue')) return canonicalDouble(doubleField(value, 'doubleValue'));
  if (has('bytesValue')) return decodeBytes(bytesField(value, 'bytesValue'), budget);
  const list = objectField(value, 'arrayValue');
  if (list !== null) return decodeList(listField(list, 'values'), budget, depth);
  const map = objectField(value, 'kvlistValue');
  if (map !== null) return decodeMap(listField(map, 'values'), budget, depth);
  return null;
}

function decodeText(text: string, budget: DecodeBudget): string {
  // A character has at most three bytes of UTF-8, so that short text needs no counting.
  if (text.length * 3 <= budget.maxValueBytes) return text;
  const size = Buffer.byteLength(text);
  if (size <= budget.maxValueBytes) return text;
  budget.noteCut(size);
  return cutText(Buffer.from(text), budget.maxValueBytes);
}

function decodeBytes(bytes: Buffer, budget: DecodeBudget): AttributeValue {
  if (bytes.length > budget.maxValueBytes) budget.noteCut(bytes.length);
  return { bytes: bytes.toString('base64', 0, budget.maxValueBytes) };
}

function decodeList(
  values: readonly unknown[],
  budget: DecodeBudget,
  depth: number,
): AttributeValue {
  if (isCut(values, budget, depth)) return [];
  return values.map((value) => {
    budget.spend();
    return decodeAnyValue(asObject(value ?? {}, 'list element'), budget, depth + 1);
  });
}

function decodeMap(
  values: readonly unknown[],
  budget: DecodeBudget,
  depth: number,
): AttributeValue {
  const map = emptyAttributes();
  if (isCut(values, budget, depth)) return { map };
  for (const item of values) decodeKeyValue(item, map, budget, depth + 1);
  return { map };
}

function isCut(values: readonly unknown[], budget: DecodeBudget, depth: number): boolean {
  if (values.length === 0 || depth < budget.maxDepth) return false;
  budget.noteCut();
  return true;
}
