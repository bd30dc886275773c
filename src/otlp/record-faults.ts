/** The id of that kind that stands for no id. */
export const NO_TRACE_ID = '0'.repeat(32);
export const NO_SPAN_ID = '0'.repeat(16);

const HEX = /^[0-9a-f]+$/;
/** 12 January 1970: smaller numbers are milliseconds or seconds. */
const EARLIEST_UNIX_NANO = 10n ** 15n;
const SECONDS_OF_2001 = 10n ** 9n;
/** The year 2262, where 64-bit signed nanoseconds end. */
const LATEST_UNIX_NANO = 2n ** 63n - 1n;

/** `none` is the id of that kind that stands for no id; ids are lower-case. */
export function findIdFault(name: string, id: string, none: string): string | null {
  if (isIdLike(id, none) && id !== none) return null;
  if (id === '') return `${name} is missing`;
  if (id === none) return `${name} is all zeros`;
  return `${name}: expected ${none.length} hex digits, came ${excerpt(id)}`;
}

/**
 * Of a span. Zero, some nanoseconds and the far future come from clocks that are not set: the span is real, is kept as
 * it came, and its execution is flagged (`clock_skew`). Seconds and milliseconds since 1970 are a mistake of the sender,
 * who can mend it.
 */
export function findSpanTimeFault(name: string, unixNano: bigint): string | null {
  const isOtherUnit = unixNano >= SECONDS_OF_2001 && unixNano < EARLIEST_UNIX_NANO;
  return isOtherUnit ? findTimeFault(name, unixNano) : null;
}

export function findTimeFault(name: string, unixNano: bigint): string | null {
  if (unixNano >= EARLIEST_UNIX_NANO && unixNano <= LATEST_UNIX_NANO) return null;
  if (unixNano === 0n) return `${name} is missing`;
  const hint = unixNano > LATEST_UNIX_NANO ? '' : ' (is it in milliseconds or seconds?)';
  return `${name}: expected nanoseconds from ${EARLIEST_UNIX_NANO} to ${LATEST_UNIX_NANO}, came ${unixNano}${hint}`;
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** Of the form of `none`; ids are lower-case. */
export function isIdLike(id: string, none: string): boolean {
  return id.length === none.length && HEX.test(id);
}
