import { ConfigError } from '../errors';

/** What one request may hold, and all together. Every limit is an integer from 1, or `Infinity`, unless it says otherwise. */
export interface OtlpLimits {
  /**
   * Bytes of one body, as sent and again after decompression, in both encodings; above: 413.
   * @defaultValue 64 MiB
   */
  readonly maxBodyBytes: number;
  /**
   * Decompressed bytes that all requests of one handler hold at once, from arrival to commit; above: 429.
   * @defaultValue 96 MiB
   */
  readonly maxInFlightBytes: number;
  /** Time for one body to come, ms; above: 503. @defaultValue 30,000 */
  readonly maxBodyMillis: number;
  /**
   * Records of the requests that are being decoded and stored, estimated from their bodies; one request alone may have
   * more. The others wait for their turn. @defaultValue 64,000
   */
  readonly maxWorkingRecords: number;
  /** Records of the requests that wait for their turn; above: 429. @defaultValue 400,000 */
  readonly maxWaitingRecords: number;
  /** Longest wait for a turn, ms; above: 429. @defaultValue 4,000 */
  readonly maxWaitMillis: number;
  /** From the last byte of a request to its answer, ms; above: 503. @defaultValue 8,000 */
  readonly maxAnswerMillis: number;
  /** The same while the database takes no writes, ms. @defaultValue 2,000 */
  readonly maxFailingMillis: number;
  /**
   * Spans, or log records, of one request; those above are refused and only counted. Far above what
   * a Collector sends, since it does not send again what is refused.
   * @defaultValue 50,000
   */
  readonly maxRecords: number;
  /**
   * Attributes, list elements, events, links, resources and scopes of one request together; above, the
   * whole body is refused. Two bytes of body can ask for a hundred of memory, so bytes alone do not bound it. JSON
   * may have five times as many opening braces, opening brackets and commas: one attribute has four.
   * @defaultValue 1,000,000
   */
  readonly maxValues: number;
  /**
   * Levels of lists and maps in an attribute's value, 1..64; what lies deeper is left out and the
   * attribute counts as dropped.
   * @defaultValue 32
   */
  readonly maxDepth: number;
  /**
   * UTF-8 bytes of one string, or bytes of one byte array, in an attribute's value; the rest is cut
   * off and the attribute counts as dropped.
   * @defaultValue 1 MiB
   */
  readonly maxValueBytes: number;
}

const MIB = 1024 * 1024;
/** A longer timer would fire at once. */
const longestTimer = 2 ** 31 - 1;

export const defaultOtlpLimits: OtlpLimits = Object.freeze({
  maxBodyBytes: 64 * MIB,
  maxInFlightBytes: 96 * MIB,
  maxBodyMillis: 30_000,
  maxWorkingRecords: 64_000,
  maxWaitingRecords: 400_000,
  maxWaitMillis: 4_000,
  maxAnswerMillis: 8_000,
  maxFailingMillis: 2_000,
  maxRecords: 50_000,
  maxValues: 1_000_000,
  maxDepth: 32,
  maxValueBytes: MIB,
});

/** @throws ConfigError for a limit that is no such number. */
export function resolveOtlpLimits(limits: Partial<OtlpLimits> = {}): OtlpLimits {
  const resolved = { ...defaultOtlpLimits, ...limits };
  for (const [name, value] of Object.entries(resolved)) {
    const highest = name === 'maxDepth' ? 64 : name.endsWith('Millis') ? longestTimer : Infinity;
    const whole = Number.isInteger(value) || value === Infinity;
    if (!whole || value < 1 || value > highest) {
      throw new ConfigError(
        `OTLP limit ${name}: expected an integer from 1 to ${highest}, came ${String(value)}.`,
      );
    }
  }
  return resolved;
}
