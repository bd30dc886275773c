import { fuzzOtlp } from '../support/fuzz-otlp';

test.each(['protobuf', 'json'] as const)(
  'changed bytes of any %s request: an answer below 500 within a second, and nothing else',
  async (encoding) => {
    const { answers, broken, inputs } = await fuzzOtlp({ encoding, inputs: 10_000, seed: 11 });
    expect(broken).toEqual([]);
    expect(Object.values(answers).reduce((sum, n) => sum + n, 0)).toBe(inputs);
    // Both what is whole and what is not have been tried.
    expect(answers[200]).toBeGreaterThan(500);
    expect(answers[400]).toBeGreaterThan(500);
  },
  120_000,
);
