import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError } from '../errors';
import { member } from './json-value';

/**
 * The bytes of a file, unpacked where it is gzip (told by its magic bytes, never by its name) and
 * without a byte order mark.
 *
 * @param onBytes is told of raw bytes as they are read, before unpacking.
 * @throws InputError (while reading) where the gzip stream is damaged or cut off.
 */
export async function* readBytes(
  input: Readable,
  onBytes: (count: number) => void,
): AsyncGenerator<Buffer> {
  const raw = await peekBytes(countBytes(input, onBytes), 2);
  const plain = raw.head[0] === 0x1f && raw.head[1] === 0x8b ? gunzip(raw.bytes) : raw.bytes;
  const { head, bytes } = await peekBytes(plain, byteOrderMark.length);
  let skip = head.subarray(0, 3).equals(byteOrderMark) ? byteOrderMark.length : 0;
  for await (const chunk of bytes) {
    yield chunk.subarray(skip);
    skip = 0;
  }
}

/** The first bytes, at least `size` of them where there are so many, without losing them. */
export async function peekBytes(
  source: AsyncIterable<Buffer>,
  size: number,
): Promise<{ head: Buffer; bytes: AsyncIterable<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < size) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return { head, bytes: rejoin(head, iterator) };
}

async function* rejoin(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}

async function* countBytes(
  input: Readable,
  onBytes: (count: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of input) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string | Uint8Array);
    onBytes(bytes.length);
    yield bytes;
  }
}

async function* gunzip(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  // The callback form hands errors to whoever iterates; `pipeline` closes the source with us.
  const source = Readable.from(bytes, { objectMode: false });
  const unpacked = pipeline(source, createGunzip({ chunkSize: 65_536 }), () => undefined);
  try {
    for await (const chunk of unpacked) yield chunk as Buffer;
  } catch (error) {
    if (!isZlibError(error)) throw error;
    throw new InputError(`the gzip stream is damaged or cut off (${error.message})`, {
      code: 'input_refused',
      cause: error,
    });
  }
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Told by its shape: an error of Node's own may belong to another realm. */
function isZlibError(error: unknown): error is Error {
  return String(member(error, 'code')).startsWith('Z_');
}
