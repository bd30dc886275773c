import { InputError } from '../../errors';
import { HttpProblem } from '../http-problem';

/** Of a body; larger batches are sent in parts. */
const maxBodyBytes = 16 * 1024 * 1024;
const maxDepth = 64;
/** Brackets, braces and commas: what `JSON.parse` makes values of before anybody can look at them. */
const maxTokens = 2_000_000;

/** A time that came as a bare integer, which a JavaScript number may not hold. */
const longInteger = /("[a-z_]*_unix_nano"\s*:\s*)(-?\d{16,20})(?=\s*[,}\]])/g;

/**
 * The body as JSON; integer times keep all their digits.
 * @throws HttpProblem for another type or a body too large, InputError for what is no JSON
 */
export async function readJson(request: Request): Promise<unknown> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
  if (!/^application\/([\w.-]+\+)?json$/.test(type)) {
    throw new HttpProblem(
      415,
      'unsupported_media_type',
      `A body of JSON is expected, got ${type === '' ? 'no content type' : `"${type}"`}.`,
      {
        hint: 'Send content-type: application/json.',
      },
    );
  }
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    throw new HttpProblem(
      415,
      'unsupported_media_type',
      `The encoding "${encoding}" is not read here.`,
      {
        hint: 'Send the body as it is; OTLP takes gzip.',
      },
    );
  }
  const bytes = await readBytes(request);
  checkShape(bytes);
  return parse(bytes);
}

async function readBytes(request: Request): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) {
      throw new HttpProblem(413, 'too_large', `A body holds at most ${maxBodyBytes} bytes.`, {
        hint: 'Send smaller batches.',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(bytes: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError('The body is no UTF-8.', { cause });
  }
  try {
    return JSON.parse(text.replace(longInteger, '$1"$2"'));
  } catch (cause) {
    const why = text.trim() === '' ? 'it is empty' : (cause as Error).message;
    throw new InputError(`The body is no JSON: ${why}.`, { cause });
  }
}

const quote = 0x22;
const backslash = 0x5c;

/** Depth and number of values, in one pass over the bytes outside of strings. */
function checkShape(bytes: Buffer): void {
  let depth = 0;
  let tokens = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) inString = !inString;
    else if (inString) at += byte === backslash ? 1 : 0;
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      tokens += 1;
      if (depth > maxDepth)
        throw new InputError(`JSON nests at most ${maxDepth} levels deep here.`);
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
    else if (byte === 0x2c) tokens += 1;
  }
  if (tokens > maxTokens) {
    throw new HttpProblem(413, 'too_large', `A body holds at most ${maxTokens} values.`, {
      hint: 'Send smaller batches.',
    });
  }
}
