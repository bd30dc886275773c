import fc from 'fast-check';
import { boxFilter, dotsWithin, makePlane } from '../../src/dashboard/differences/plane';
import { parseFilter } from '../../src/wire';

const dots = fc.array(
  fc.record({
    id: fc.string(),
    startMillis: fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 }),
    durationMillis: fc.integer({ min: 0, max: 90_000_000_000 }).map((nanos) => nanos / 1e6),
    success: fc.constantFrom(true, false, null),
  }),
  { minLength: 2, maxLength: 60 },
);
const side = fc.tuple(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

test('every run lies within the plane', () => {
  fc.assert(
    fc.property(dots, (given) => {
      const plane = makePlane(given);
      for (const dot of given) {
        expect(plane.x(dot)).toBeGreaterThanOrEqual(0);
        expect(plane.x(dot)).toBeLessThanOrEqual(1);
        expect(plane.y(dot)).toBeGreaterThanOrEqual(0);
        expect(plane.y(dot)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('the filter of a box takes in every run that is seen in it', () => {
  fc.assert(
    fc.property(dots, side, side, (given, across, down) => {
      const plane = makePlane(given);
      const box = {
        left: Math.min(...across),
        right: Math.max(...across),
        top: Math.min(...down),
        bottom: Math.max(...down),
      };
      const chosen = dotsWithin(plane, box);
      if (chosen.length === 0) return;
      const filter = parseFilter(boxFilter(plane, box));
      for (const { startMillis, durationMillis } of chosen) {
        const start = BigInt(startMillis) * 1_000_000n;
        expect(start >= filter.sinceUnixNano! && start < filter.untilUnixNano!).toBe(true);
        const nanos = Math.round(durationMillis * 1e6);
        expect(nanos).toBeGreaterThanOrEqual(Math.round(filter.minDurationMs! * 1e6));
        expect(nanos).toBeLessThan(Math.round(filter.maxDurationMs! * 1e6));
      }
    }),
  );
});
