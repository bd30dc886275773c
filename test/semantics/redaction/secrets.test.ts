import { isSecretKey } from '../../../src/semantics/redaction/secret-keys';
import { MASKED, maskText } from '../../../src/semantics/redaction/mask-text';
import { harmlessValue } from './harmless-values';
import { secretKeys, secretPart, tokens } from './secret-samples';

const PER_FORMAT = 10;

describe('token formats', () => {
  test('there are at least 53', () => {
    expect(Object.keys(tokens).length).toBeGreaterThanOrEqual(53);
  });

  test.each(Object.keys(tokens))('%s', (vendor) => {
    for (let n = 0; n < PER_FORMAT; n++) {
      const sample = (tokens[vendor] as () => string)();
      const secret = secretPart(sample);
      expect(secret.length).toBeGreaterThanOrEqual(8);
      const texts = [
        sample,
        `Use ${sample} for it.`,
        `first line\n${sample}\nlast line`,
        `call failed (${sample})`,
        `["${sample}"]`,
        JSON.stringify({ text: `first line\n${sample}`, port: 5432 }),
        `key=${sample}`,
      ];
      for (const text of texts) {
        expect(maskText(text)).toContain(MASKED);
        expect(maskText(text)).not.toContain(secret);
        expect(maskText(maskText(text))).toBe(maskText(text));
      }
    }
  });
});

describe('names of secrets', () => {
  test('there are at least 51', () => {
    expect(new Set(secretKeys).size).toBeGreaterThanOrEqual(51);
  });

  test.each(secretKeys)('%s', (key) => {
    expect(isSecretKey(key, new Set())).toBe(true);
    expect(isSecretKey(`app.settings.${key}`, new Set())).toBe(true);
  });
});

test('of 10,000 harmless values at most 10 are masked', () => {
  const masked: string[] = [];
  for (let n = 0; n < 10_000; n++) {
    const value = harmlessValue(n);
    if (maskText(value) !== value) masked.push(value);
  }
  expect(masked.length > 10 ? masked.slice(0, 40) : []).toEqual([]);
});
