// The world that the agent works in: logs of services that fail now and then, and who failed last.

/** A log of 20 to 200 lines, the same for the same number; oldest first, until three of four are turned around. */
export function makeLog(number, { hasChanged }) {
  const random = seeded(number);
  const length = 20 + Math.floor(180 * random());
  const lines = Array.from({ length }, (_, at) => {
    const service = ['cart', 'login', 'search', 'mail'][Math.floor(4 * random())];
    const time = `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
    return `${time} ${service} ${random() < 0.06 ? 'failed' : 'ok'}`;
  });
  const lastFailure = lastFailedIn(lines);
  const newestFirst = hasChanged && random() < 0.75;
  return { lines: newestFirst ? lines.reverse() : lines, lastFailure };
}

/** By the time that stands in front, whatever the order. */
export function lastFailedIn(lines) {
  const failed = lines.filter((line) => line.endsWith('failed')).sort();
  return failed.at(-1)?.split(' ')[1] ?? 'nobody';
}

/** Mulberry32: the same numbers for the same seed, on every machine. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
