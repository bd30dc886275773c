import type { RequestKind } from './otlp-intake';

/**
 * About how many spans' worth of memory and time a body asks for: its records, or its bytes where those are
 * few and large. Looks at lengths and names only; what is no request costs its bytes.
 */
export function estimateCost(body: Uint8Array, { encoding }: RequestKind): number {
  const records = encoding === 'protobuf' ? countProtobufRecords(body) : countJsonRecords(body);
  // JSON is parsed into objects before it is read.
  return Math.max(1, records, Math.ceil(body.length / (encoding === 'json' ? 512 : 1024)));
}

/** Names that every span has once, as the specification and as many exporters write them. */
const recordNames = ['startTimeUnixNano"', 'start_time_unix_nano"', 'timeUnixNano"'];

function countJsonRecords(body: Uint8Array): number {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  for (const name of recordNames) {
    let count = 0;
    for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + name.length)) {
      count += 1;
    }
    if (count > 0) return count;
  }
  return 0;
}

/** `resource_spans` (1) → `scope_spans` (2) → `spans` (2); logs have the same numbers. */
const path = [1, 2, 2];
/** More fields than any request may have records; a flood of empty ones is not walked to its end. */
const maxFields = 200_000;

function countProtobufRecords(body: Uint8Array): number {
  const ends = [body.length];
  let at = 0;
  let count = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < body.length; scale *= 128) {
      const byte = body[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return Infinity;
  };
  for (let fields = 0; fields < maxFields; fields += 1) {
    while (ends.length > 0 && at >= ends.at(-1)!) ends.pop();
    if (ends.length === 0) return count;
    const tag = varint();
    const wireType = tag % 8;
    if (wireType === 0) varint();
    else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else if (wireType !== 2) return count;
    else {
      const end = varint() + at;
      const isOnPath = Math.floor(tag / 8) === path[ends.length - 1];
      if (isOnPath && ends.length < path.length) {
        ends.push(end);
        continue;
      }
      if (isOnPath) count += 1;
      at = end;
    }
  }
  return maxFields;
}
