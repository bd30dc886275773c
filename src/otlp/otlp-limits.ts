import { ConfigError } from '../errors';

/** What one request may hold. Every limit is an integer from 1, or `Infinity`, unless it says otherwise. */
export interface OtlpLimits {
  /**
   * Bytes of one body, as sent and again after decompression, in both encodings; above: 413.
   * @defaultValue 64 MiB
   */
  readonly maxBodyBytes: number;
  /**
   * Decompressed bytes that all requests of one handler hold at once; above: 429.
   * @defaultValue 96 MiB
   */
  readonly maxInFlightBytes: number;
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

export const defaultOtlpLimits: OtlpLimits = Object.freeze({
  maxBodyBytes: 64 * MIB,
  maxInFlightBytes: 96 * MIB,
  maxRecords: 50_000,
  maxValues: 1_000_000,
  maxDepth: 32,
  maxValueBytes: MIB,
});

/** @throws ConfigError for a limit that is no such number. */
export function resolveOtlpLimits(limits: Partial<OtlpLimits> = {}): OtlpLimits {
  const resolved = { ...defaultOtlpLimits, ...limits };
  for (const [name, value] of Object.entries(resolved)) {
    const highest = name === 'maxDepth' ? 64 : Infinity;
    const whole = Number.isInteger(value) || value === Infinity;
    if (!whole || value < 1 || value > highest) {
      throw new ConfigError(
        `OTLP limit ${name}: expected an integer from 1 to ${highest}, came ${String(value)}.`,
      );
    }
  }
  return resolved;
}
