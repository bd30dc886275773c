/**
 * What redaction lets pass, and what it takes that it should not, over the fixtures of its tests: content under the placements of
 * known frameworks, tokens in sentences, lists, JSON and assignments, names of secrets, and harmless values.
 *
 *   --harmless N   (10000)
 */
import { parseArgs } from 'node:util';
import { interpretSpan, redactSpan, type RedactionPolicy } from '../src/semantics';
import { MASKED, maskText } from '../src/semantics/redaction/mask-text';
import { isSecretKey } from '../src/semantics/redaction/secret-keys';
import { attributes, makeSpan } from '../test/support/make-span';
import { contentPlacements } from '../test/semantics/redaction/content-placements';
import { harmlessValue } from '../test/semantics/redaction/harmless-values';
import { secretKeys, secretPart, tokens } from '../test/semantics/redaction/secret-samples';

const { values } = parseArgs({ options: { harmless: { type: 'string', default: '10000' } } });
const policy: RedactionPolicy = { captureContent: false, contentKey: new Uint8Array(32) };
const canary = 'canary';

function isStored(change: Parameters<typeof makeSpan>[0]): boolean {
  const span = makeSpan(change);
  const stored = redactSpan({ span, meaning: interpretSpan(span) }, policy);
  return JSON.stringify(stored, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  ).includes(canary);
}

const placements = Object.entries(contentPlacements).flatMap(
  ([framework, { span = {}, ...at }]) => [
    ...(at.keys ?? []).map((key) => ({
      name: `${framework}: ${key}`,
      change: { attributes: attributes({ ...span, [key]: canary }) },
    })),
    ...Object.entries(at.events ?? {}).flatMap(([event, keys]) =>
      keys.map((key) => ({
        name: `${framework}: ${event}, ${key}`,
        change: {
          attributes: attributes(span),
          events: [
            {
              ...{ name: event, timeUnixNano: 1n, droppedAttributesCount: 0 },
              attributes: attributes({ [key]: canary }),
            },
          ],
        },
      })),
    ),
  ],
);

const around: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `Use ${secret} for it.`,
  (secret) => `["${secret}"]`,
  (secret) => JSON.stringify({ text: `first line\n${secret}` }),
  (secret) => `key=${secret}`,
];
const samples = Object.entries(tokens).flatMap(([vendor, make]) =>
  around.map((surround) => {
    const sample = make();
    return { vendor, secret: secretPart(sample), text: surround(sample) };
  }),
);

const harmless = Array.from({ length: Number(values.harmless) }, (_, n) => harmlessValue(n));
const leaks = {
  placements: placements.filter(({ change }) => isStored(change)).map(({ name }) => name),
  tokens: samples
    .filter(
      ({ secret, text }) => maskText(text).includes(secret) || !maskText(text).includes(MASKED),
    )
    .map(({ vendor }) => vendor),
  keys: secretKeys.filter((key) => !isSecretKey(key, new Set())),
};
const masked = harmless.filter((text) => maskText(text) !== text);
console.log(
  JSON.stringify({
    placements: { tried: placements.length, leaks: leaks.placements.length },
    tokens: {
      formats: Object.keys(tokens).length,
      tried: samples.length,
      leaks: leaks.tokens.length,
    },
    keys: { tried: secretKeys.length, leaks: leaks.keys.length },
    harmless: { tried: harmless.length, masked: masked.length },
    examples: [...leaks.placements, ...leaks.tokens, ...leaks.keys, ...masked].slice(0, 10),
  }),
);
const leaked = leaks.placements.length + leaks.tokens.length + leaks.keys.length;
process.exitCode = leaked === 0 && masked.length * 1_000 <= harmless.length ? 0 : 1;
