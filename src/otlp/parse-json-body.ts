import { OtlpDecodeError } from './otlp-decode-error';
import { type OtlpLimits, resolveOtlpLimits } from './otlp-limits';

/** A 64-bit field whose value is a bare integer that a JavaScript number may not hold. */
const LONG_INTEGER =
  /("(?:intValue|startTimeUnixNano|endTimeUnixNano|timeUnixNano|observedTimeUnixNano)"\s*:\s*)(-?\d{16,20})(?=\s*[,}])/g;

/** `{"key":"a","value":{"intValue":1}},` has two braces that open and two commas; one more is for spans. */
const TOKENS_PER_VALUE = 5;

/**
 * Parses UTF-8 JSON, with or without a byte order mark, and keeps 64-bit integers exact: `JSON.parse`
 * would round them, so they are turned into strings first, which OTLP/JSON allows. Text is never
 * changed: within a string a quote is escaped, so a name's last quote there is not followed by a colon.
 *
 * @throws OtlpDecodeError when the body is no JSON, or more of it than `maxValues` allows
 */
export function parseJsonBody(body: Uint8Array, limits: Partial<OtlpLimits> = {}): unknown {
  const maxTokens = TOKENS_PER_VALUE * resolveOtlpLimits(limits).maxValues;
  if (body.length > maxTokens && countTokens(body) > maxTokens) {
    throw new OtlpDecodeError(
      `expected at most ${maxTokens} braces, brackets and commas in one request, came more; send smaller batches`,
    );
  }
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const text = buffer.toString('utf8').replace(/^\ufeff/, '');
  try {
    return JSON.parse(text.replace(LONG_INTEGER, '$1"$2"'));
  } catch (cause) {
    throw new OtlpDecodeError(`expected JSON, came something else: ${(cause as Error).message}`, {
      cause,
    });
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

/**
 * Opening braces and brackets and commas outside of strings: what `JSON.parse` makes values of, before
 * anybody can look at them. 60 MB of `[],` would take it half a minute and a gigabyte.
 */
function countTokens(body: Uint8Array): number {
  let tokens = 0;
  let inString = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) inString = !inString;
    else if (inString) at += byte === BACKSLASH ? 1 : 0;
    else if (byte === COMMA || byte === OPEN_BRACKET || byte === OPEN_BRACE) tokens += 1;
  }
  return tokens;
}
