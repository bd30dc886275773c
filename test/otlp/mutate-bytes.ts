type Random = () => number;

/** Bytes that end, lengthen or reverse something: varint edges, group tags, a log record's tags. */
const tellingBytes = [0x00, 0x01, 0x09, 0x0a, 0x0b, 0x0c, 0x10, 0x12, 0x7f, 0x80, 0xff];

/** One to three small changes of a body, as a faulty sender or line would make them. */
export function mutateBytes(body: Buffer, random: Random): Buffer {
  let mutated = body;
  const changes = 1 + below(3, random);
  for (let n = 0; n < changes; n += 1) mutated = changeOnce(mutated, random);
  return mutated;
}

function changeOnce(body: Buffer, random: Random): Buffer {
  const at = below(body.length + 1, random);
  const end = at + below(8, random);
  const before = body.subarray(0, at);
  switch (below(7, random)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, body.subarray(end)]);
    case 2:
      return Buffer.concat([before, body.subarray(at, end), body.subarray(at)]);
    case 3:
      return Buffer.concat([before, randomBytes(1 + below(4, random), random), body.subarray(at)]);
    case 4:
      return Buffer.concat([body, unknownField(random)]);
    case 5:
      return replaceByte(body, at, tellingBytes[below(tellingBytes.length, random)]!);
    default:
      return replaceByte(body, at, (body[at] ?? 0) ^ (1 << below(8, random)));
  }
}

function replaceByte(body: Buffer, at: number, byte: number): Buffer {
  const changed = Buffer.from(body);
  if (at < changed.length) changed[at] = byte;
  return changed;
}

/** Fields of number 20 and 900, groups that are nested or closed wrongly, long varints. */
function unknownField(random: Random): Buffer {
  const fields = [
    'a001ffffffffffffffffff01',
    'a001ffffffffffffffffffff01',
    'a30108010b0c0c0ca401',
    'a301ac01',
    'a2010568656c6c6f',
    'a201ffffffff0f',
    'a10100000000000000ff',
    'a501000000ff',
    'a601',
    'e23800',
  ];
  return Buffer.from(fields[below(fields.length, random)]!, 'hex');
}

function randomBytes(size: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length: size }, () => below(256, random)));
}

function below(limit: number, random: Random): number {
  return Math.floor(random() * limit);
}
