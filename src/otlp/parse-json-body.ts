import { OtlpDecodeError } from './otlp-decode-error';

/** A 64-bit field whose value is a bare integer that a JavaScript number may not hold. */
const LONG_INTEGER =
  /("(?:intValue|startTimeUnixNano|endTimeUnixNano|timeUnixNano|observedTimeUnixNano)"\s*:\s*)(-?\d{16,})(?=\s*[,}])/g;

/**
 * Parses UTF-8 JSON, with or without a byte order mark, and keeps 64-bit integers exact: `JSON.parse`
 * would round them, so they are turned into strings first, which OTLP/JSON allows. Text is never
 * changed: within a string a quote is escaped, so a name's last quote there is not followed by a colon.
 *
 * @throws OtlpDecodeError when the body is no JSON
 */
export function parseJsonBody(body: Uint8Array): unknown {
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
